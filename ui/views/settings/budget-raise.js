// Raising a limit once, until midnight or, where that is later, until its week or month ends: the limit stays what it is,
// and then it holds again.
import { h } from "../../dom.js";
import { clock, date, editable, sameDay } from "../../format.js";
import { budgets as words } from "../../words.js";
import { monthFrom, nextMidnight, nextWeek } from "../../zone.js";
import { select } from "../controls.js";
import { plain, raised } from "./budget-form.js";
import { field } from "./fields.js";

/** `send(budget)` stores the budget with its raise. */
export function createRaise({ budget, zone, send }) {
  const current = budget.override && Date.parse(budget.override.until) > Date.now() ? budget.override : null;
  const ends = endings(budget, zone, current);
  const end = select({
    label: words.raiseEnds,
    options: ends.map(([kind, at]) => [kind, words.untils[kind] ?? words.until(told(at))]),
    value: (current ? ends.find(([, at]) => at.getTime() === Date.parse(current.until)) : ends[0])[0],
  });
  const limit = field({
    label: words.raiseOnceTo,
    hideLabel: true,
    mode: "decimal",
    narrow: true,
    value: current ? editable(current.limit, budget.unit) : "",
    before: budget.unit === "usd" ? "$" : "",
  });
  limit.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    raise();
  });

  function raise() {
    const found = raised(limit.value, budget);
    limit.wrong(found.wrong);
    if (found.wrong) limit.focus();
    else send({ ...plain(budget), override: { limit: found.value, until: new Map(ends).get(end.value).toISOString() } });
  }

  const button = (name, kind, click) =>
    h("button", { class: `btn small${kind}`, type: "button", on: { click } }, name);
  const node = h(
    "div",
    { class: "row ruled" },
    h("span", { class: "dim" }, current ? words.raisedTo : words.raiseOnceTo),
    limit.node,
    ends.length > 1 ? end.node : h("span", { class: "dim" }, words.untils.day),
    button(current ? words.change : words.raise, "", raise),
    current && button(words.takeBack, " ghost", () => send({ ...plain(budget), override: null })),
  );
  return { node, focus: limit.focus, wrong: limit.wrong };
}

/** When a raise may end: [kind, instant] pairs, and first the end that one in force has, if it is none of them. */
function endings(budget, zone, current) {
  const [now, where] = [new Date(), budget.time_zone || zone];
  const ends = [["day", nextMidnight(now, where)]];
  if (budget.window === "week") ends.push(["week", nextWeek(now, where)]);
  if (budget.window === "month") ends.push(["month", monthFrom(now, where, 1)]);
  const own = current && new Date(current.until);
  if (own && ends.every(([, at]) => at.getTime() !== own.getTime())) ends.unshift(["own", own]);
  return ends;
}

const told = (at) => (sameDay(at, Date.now()) ? clock(at) : date(at));
