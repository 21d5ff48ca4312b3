// Raising a limit once, until midnight: the limit stays what it is, and tomorrow it holds again.
import { h } from "../../dom.js";
import { clock, date, editable, sameDay } from "../../format.js";
import { budgets as words } from "../../words.js";
import { nextMidnight } from "../../zone.js";
import { plain, raised } from "./budget-form.js";
import { field } from "./fields.js";

/** `send(budget)` stores the budget with its raise. */
export function createRaise({ budget, zone, send }) {
  const midnight = nextMidnight(new Date(), budget.time_zone || zone);
  const current = budget.override && Date.parse(budget.override.until) > Date.now() ? budget.override : null;
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
    else send({ ...plain(budget), override: { limit: found.value, until: midnight.toISOString() } });
  }

  function until() {
    if (!current || Date.parse(current.until) === midnight.getTime()) return words.untilMidnight;
    return words.until(sameDay(current.until, Date.now()) ? clock(current.until) : date(current.until));
  }

  const button = (name, kind, click) =>
    h("button", { class: `btn small${kind}`, type: "button", on: { click } }, name);
  const node = h(
    "div",
    { class: "row ruled" },
    h("span", { class: "dim" }, current ? words.raisedTo : words.raiseOnceTo),
    limit.node,
    h("span", { class: "dim" }, until()),
    button(current ? words.change : words.raise, "", raise),
    current && button(words.takeBack, " ghost", () => send({ ...plain(budget), override: null })),
  );
  return { node, focus: limit.focus, wrong: limit.wrong };
}
