// What stands where the chart will be, until the first call has happened: how to make it happen.
import { glyph, h } from "../dom.js";
import { dashboard as words } from "../words.js";
import { firstLines } from "./proxied.js";
import { createSnippetBox } from "./snippet-box.js";

const USUAL = "127.0.0.1:7575";

const way = ({ title, hint, act }, href) =>
  h("div", { class: "opt" }, h("div", {}, title, h("p", {}, hint)), h("a", { class: "btn small", href }, act));

export function createFirstRun() {
  const box = createSnippetBox({
    title: words.terminal,
    list: firstLines(USUAL),
    label: words.provider,
    copyWord: true,
  });
  const node = h(
    "div",
    { class: "first" },
    h(
      "div",
      { class: "hero l-ok" },
      glyph("ok"),
      h("h1", {}, words.waiting),
      h("p", { class: "dim" }, words.waitingHint),
    ),
    box.node,
    h(
      "div",
      { class: "card" },
      way(words.ways.connection, "#/settings/connection"),
      way(words.ways.without, "#/settings/connection?at=ask"),
      way(words.ways.budgets, "#/settings/budgets"),
    ),
  );
  return {
    node,
    update(status) {
      box.update(firstLines(status.address || USUAL));
    },
  };
}
