// Where Spendlight listens and how a script talks to it.
import { fill, h, text } from "../../dom.js";
import { copyButton } from "../controls.js";
import { createSnippetBox } from "../snippet-box.js";
import { createFrame } from "./frame.js";

const DENIED = `{
  "allowed": false,
  "reason": "budget_exceeded",
  "binding": { "name": "OpenAI today",
    "limit": 1.0, "used": 0.97, … },
  "fits": { "max_output_tokens": 1800,
    "cost_usd": 0.0036 }
}`;

export function createConnection({ live, owner }) {
  const frame = createFrame("Connection", { owner });
  const address = h("span", { class: "mono copyable" });
  const url = () => `http://${live.status?.address || "127.0.0.1:7575"}`;
  const box = createSnippetBox("Use it from");
  const variable = h("div", { class: "code", tabindex: "0", role: "region", "aria-label": "Environment" });
  const environment = () => `export SPENDLIGHT_URL=${url()}`;
  const copyVariable = copyButton(environment, "Copy", { iconOnly: true });
  copyVariable.classList.add("copy");
  frame.node.append(
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "opt" },
        h("div", {}, "Address", h("p", {}, "Only this computer can reach it.")),
        h("div", { class: "pair" }, address, copyButton(url)),
      ),
      h(
        "div",
        { class: "opt" },
        h(
          "div",
          {},
          "Who may",
          h(
            "p",
            {},
            "Any program of this computer may ask, record and read. Budgets, settings, prices, alerts and the pause are the owner's: ",
            h("code", {}, "spendlight token"),
            " prints the token to send as ",
            h("code", {}, "Authorization: Bearer"),
            ".",
          ),
        ),
      ),
    ),
    box.node,
    h(
      "div",
      { class: "card" },
      h(
        "header",
        {},
        h("h2", {}, "In the environment"),
        h("span", { class: "faint small" }, "for scripts that take the address from there"),
      ),
      h("div", { class: "padded" }, h("div", { class: "codebox" }, variable, copyVariable)),
    ),
    h(
      "div",
      { class: "card" },
      h(
        "header",
        {},
        h("h2", {}, "When a call is denied"),
        h("span", { class: "faint small" }, "402, and 429 when the limit is by the minute or hour"),
      ),
      h(
        "div",
        { class: "padded" },
        h(
          "div",
          { class: "codebox" },
          h("div", { class: "code", tabindex: "0", role: "region", "aria-label": "A denied check" }, DENIED),
        ),
        h(
          "p",
          { class: "small faint" },
          "The budget that binds, and what would still go. With 429 the header retry-after says when to ask again.",
        ),
      ),
    ),
  );

  function draw() {
    text(address, live.status ? (live.status.address ? url() : "not listening") : "");
    box.update(live.status?.address || "127.0.0.1:7575");
    fill(variable, h("span", { class: "k" }, "export"), " SPENDLIGHT_URL=", h("span", { class: "s" }, url()));
  }
  let known = "";
  live.on("status", (status) => {
    if (status.address !== known) {
      known = status.address;
      draw();
    }
  });
  return { node: frame.node, show: draw };
}
