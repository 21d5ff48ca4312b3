// The second step before a budget is gone: what goes, what stays, and the way back first in focus.
import { h } from "../../dom.js";
import { budgets as words } from "../../words.js";

export function createRemoval({ budget, owner, remove, keep, done, tell }) {
  const stay = h("button", { class: "btn small ghost", type: "button", on: { click: keep } }, words.keep);
  const go = h("button", { class: "btn small danger", type: "button", on: { click: confirmed } }, words.remove);

  async function confirmed() {
    const wish = async () => {
      await remove();
      return true;
    };
    try {
      if (await owner.may(wish, { what: words.may.delete })) done({ removed: budget.id });
    } catch (problem) {
      tell(problem.message);
    }
  }

  return {
    nodes: [h("span", { role: "alert" }, words.reallyDelete(budget.name)), h("span", { class: "spacer" }), stay, go],
    focus: () => stay.focus(),
  };
}
