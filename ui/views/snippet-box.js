// A card that shows snippets one at a time, each with its copy button.
import { h, text } from "../dom.js";
import { connection as words, shell } from "../words.js";
import { showCode } from "./code.js";
import { copyButton, segments } from "./controls.js";

/**
 * `list` are the snippets to begin with, [[name, code, remark]…]; later ones have the same names. What stands in the
 * heading, a `note` to its title or something `beside` it, sends the choice of snippets to a line of its own.
 */
export function createSnippetBox({ title, list, label = words.language, note = null, beside = null, copyWord = false }) {
  const alone = Boolean(note || beside);
  let all = list;
  let chosen = all[0][0];
  const code = h("div", { class: "code", tabindex: "0", role: "region", "aria-label": words.codeOf(title) });
  const remark = h("p", { class: "small faint" });
  const choice = segments({
    label,
    options: all.map(([name]) => [name, name]),
    value: chosen,
    choose: (next) => {
      chosen = next;
      show();
    },
  });
  const found = () => all.find(([name]) => name === chosen);
  const copy = copyButton(() => found()[1], shell.copy, { iconOnly: !copyWord });
  copy.classList.add("copy");

  function show() {
    const [, shown, why] = found();
    showCode(code, shown);
    text(remark, why);
  }
  show();
  return {
    node: h(
      "div",
      { class: "card" },
      h(
        "header",
        {},
        h("h2", {}, title),
        note && h("span", { class: "faint small" }, note),
        h("span", { class: "spacer" }),
        alone ? beside : choice.node,
      ),
      h(
        "div",
        { class: "padded" },
        alone && h("div", { class: "chooser" }, choice.node),
        h("div", { class: "codebox" }, code, copy),
        remark,
      ),
    ),
    update(next) {
      if (JSON.stringify(next) === JSON.stringify(all)) return;
      all = next;
      show();
    },
  };
}
