// What every section has: a heading with room for a button, a line for what went wrong, and a way to run an owner's
// wish that fills it.
import { h, set, text } from "../../dom.js";
import { said } from "../../live.js";

// A section is {node, show(params), key?}.
export function createFrame(title, { owner, action = null }) {
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const node = h(
    "section",
    { class: "stack is-open", "aria-label": title },
    h("div", { class: "head" }, h("h1", {}, title), h("span", { class: "spacer" }), action),
    wrong,
  );

  function tell(words) {
    text(wrong, words);
    set(wrong, "hidden", !words);
  }
  return {
    node,
    tell,
    /**
     * Runs what only the owner may; a problem is told in the section. Resolves to the answer, true for an empty one,
     * undefined when it did not happen.
     */
    async run(wish, what) {
      try {
        const answer = await owner.may(async () => (await wish()) || true, { what });
        if (answer !== undefined) tell("");
        return answer;
      } catch (problem) {
        tell(problem.message);
        return undefined;
      }
    },
    /** Reads; a problem is told in the section. */
    async read(wish) {
      try {
        const answer = await wish();
        tell("");
        return answer;
      } catch (problem) {
        tell(said(problem));
        return undefined;
      }
    },
  };
}
