// What stands where the chart will be, until the first call has happened: how to make it happen.
import { glyph, h, text } from "../dom.js";
import { createSnippetBox } from "./snippet-box.js";

export function createFirstRun() {
  const reason = h("p", { class: "dim" });
  const box = createSnippetBox("In your terminal or script");
  const node = h(
    "div",
    { class: "first" },
    h("div", { class: "hero l-ok" }, glyph("ok"), h("h1", {}, "Waiting for the first call"), reason),
    box.node,
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "opt" },
        h("div", {}, "Your limits", h("p", {}, "By the day, the month or the minute; in dollars, tokens or requests.")),
        h("a", { class: "btn small", href: "#/settings/budgets" }, "Set the budgets"),
      ),
      h(
        "div",
        { class: "opt" },
        h("div", {}, "More ways to connect", h("p", {}, "The address, and what a denied call looks like.")),
        h("a", { class: "btn small", href: "#/settings/connection" }, "Show the connection"),
      ),
    ),
  );
  return {
    node,
    update(status) {
      text(reason, "Ask before a call, tell Spendlight after it. The first one appears here as it happens.");
      box.update(status.address || "127.0.0.1:7575");
    },
  };
}
