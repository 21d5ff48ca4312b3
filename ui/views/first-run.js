// What stands where the chart will be, until the first call has happened: how to make it happen.
import { glyph, h } from "../dom.js";
import { firstLines } from "./proxied.js";
import { createSnippetBox } from "./snippet-box.js";

const USUAL = "127.0.0.1:7575";

const way = (title, words, href, act) =>
  h("div", { class: "opt" }, h("div", {}, title, h("p", {}, words)), h("a", { class: "btn small", href }, act));

export function createFirstRun() {
  const box = createSnippetBox({
    title: "In your terminal",
    list: firstLines(USUAL),
    label: "Provider",
    copyWord: "Copy",
  });
  const node = h(
    "div",
    { class: "first" },
    h(
      "div",
      { class: "hero l-ok" },
      glyph("ok"),
      h("h1", {}, "Waiting for the first call"),
      h("p", { class: "dim" }, "Point one variable at Spendlight and run a script you already have."),
    ),
    box.node,
    h(
      "div",
      { class: "card" },
      way(
        "From code, or another provider",
        "Every provider's base URL, snippets, and a command with a cap.",
        "#/settings/connection",
        "Show the connection",
      ),
      way(
        "Without a proxy",
        "Ask before a call and tell Spendlight after it: two requests from any language.",
        "#/settings/connection?at=ask",
        "Show the snippets",
      ),
      way(
        "Your limits",
        "By the day, the month or the minute; in dollars, tokens or requests.",
        "#/settings/budgets",
        "Set the budgets",
      ),
    ),
  );
  return {
    node,
    update(status) {
      box.update(firstLines(status.address || USUAL));
    },
  };
}
