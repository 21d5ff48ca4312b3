// What a limit would mean, said under it while it is typed: what it would have done in the last 30 days, and that it
// would be exceeded at once. Only the answer to what stands in the form now is shown. Not here: what the form means
// (budget-form.js), and the replay itself, which is the server's.
import * as api from "../../api.js";
import { fill, h, icon, set } from "../../dom.js";
import { amount as shown, calls, days, inDollars, when } from "../../format.js";
import { backtest, exceededAtOnce, unitWord } from "../../words.js";

/** Limits are set in dollars, and so is told what stands beside one. */
const amount = (...figure) => inDollars(() => shown(...figure));

const TYPING_MS = 150;

/** The question a budget asks of the past; null where the form means no budget yet. */
function question({ budget, wrong }) {
  const asks = ["limit", "buffer", "time_zone"].some((field) => wrong[field]);
  if (asks || !(budget.limit > 0)) return null;
  const { scope, window, unit, limit, buffer, action, time_zone } = budget;
  return { ...scope, window, unit, limit, buffer, action, time_zone };
}

export function createImpact() {
  const past = h("span"),
    now = h("span", { class: "at-once", hidden: true });
  const node = h(
    "div",
    { class: "note impact", role: "status", hidden: true },
    icon("clock"),
    h("div", {}, past, now),
  );
  let asked = 0,
    timer = null,
    answered = "";

  function show() {
    set(past, "hidden", !answered);
    set(node, "hidden", !answered && now.hidden);
    node.classList.toggle("l-warning", !now.hidden || past.classList.contains("stops"));
  }

  async function ask(wanted) {
    const mine = asked;
    let found;
    try {
      found = await api.backtest(wanted);
    } catch {
      found = null; // the form works without what it would have done
    }
    if (mine !== asked) return;
    set(node, "aria-busy", null);
    answered = found ? JSON.stringify(wanted) : "";
    if (found) {
      const [before, many, after] = backtest(found, wanted.action, {
        calls: calls(found.stopped),
        days: days(found.days),
        first: found.first_at && when(found.first_at),
      });
      past.classList.toggle("stops", found.stopped > 0);
      fill(past, before, many && h("strong", {}, many), after);
    }
    show();
  }

  return {
    node,
    /** `form`: {budget, wrong} as it is read; `standing`: of the stored budget while it counts the same calls. */
    update(form, standing) {
      const { budget, wrong } = form;
      const over = standing && !wrong.limit && budget.limit > 0 && standing.used >= budget.limit;
      set(now, "hidden", !over);
      if (over) {
        const used = `${amount(standing.used, standing.unit, [budget.limit])}${unitWord(standing.unit)}`;
        fill(now, exceededAtOnce(standing.name, used));
      }
      const wanted = question(form);
      const key = JSON.stringify(wanted);
      asked += 1;
      clearTimeout(timer);
      set(node, "aria-busy", null);
      if (!wanted) answered = "";
      else if (key !== answered) {
        set(node, "aria-busy", "true");
        timer = setTimeout(() => ask(wanted), TYPING_MS);
      }
      show();
    },
  };
}
