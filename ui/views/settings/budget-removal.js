// The second step before a budget is gone: what goes, what stays, and the way back first in focus.
import { h } from "../../dom.js";

export function createRemoval({ budget, owner, remove, keep, done, tell }) {
  const stay = h("button", { class: "btn small ghost", type: "button", on: { click: keep } }, "Keep it");
  const go = h("button", { class: "btn small danger", type: "button", on: { click: confirmed } }, "Delete");
  const words = `Delete ${budget.name}? Its calls stay in the ledger; they are no longer held to this limit.`;

  async function confirmed() {
    const wish = async () => {
      await remove();
      return true;
    };
    try {
      if (await owner.may(wish, { what: "delete budgets" })) done({ removed: budget.id });
    } catch (problem) {
      tell(problem.message);
    }
  }

  return {
    nodes: [h("span", { role: "alert" }, words), h("span", { class: "spacer" }), stay, go],
    focus: () => stay.focus(),
  };
}
