// A card that shows the snippets one at a time, each with its copy button.
import { fill, h, text } from "../dom.js";
import { copyButton, segments } from "./controls.js";
import { snippets } from "./snippets.js";

export function createSnippetBox(title) {
  let known = "";
  let all = snippets("127.0.0.1:7575");
  let chosen = all[0][0];
  const code = h("div", { class: "code", tabindex: "0", role: "region", "aria-label": "Snippet" });
  const remark = h("p", { class: "small faint" });
  const choice = segments({
    label: "Language",
    options: all.map(([name]) => [name, name]),
    value: chosen,
    choose: (next) => {
      chosen = next;
      show();
    },
  });
  const found = () => all.find(([name]) => name === chosen);
  const copy = copyButton(() => found()[1], "Copy", { iconOnly: true });
  copy.classList.add("copy");

  function show() {
    const [, words, why] = found();
    fill(
      code,
      words.split("\n").map((line, i, lines) => {
        const end = i < lines.length - 1 ? "\n" : "";
        return /^\s*(#|\/\/)/.test(line) ? h("span", { class: "c" }, line + end) : line + end;
      }),
    );
    text(remark, why);
  }
  show();
  return {
    node: h(
      "div",
      { class: "card" },
      h("header", {}, h("h2", {}, title), h("span", { class: "spacer" }), choice.node),
      h("div", { class: "padded" }, h("div", { class: "codebox" }, code, copy), remark),
    ),
    update(address) {
      if (address === known) return;
      known = address;
      all = snippets(address);
      show();
    },
  };
}
