// Where Spendlight listens, and how a program's calls come to pass through it; or, where they cannot, how it asks and
// tells.
import * as api from "../../api.js";
import { h, text } from "../../dom.js";
import { provider } from "../../words.js";
import { PROXIED } from "../base-urls.js";
import { showCode } from "../code.js";
import { copyButton, select, toggle } from "../controls.js";
import { proxied } from "../proxied.js";
import { createSnippetBox } from "../snippet-box.js";
import { snippets } from "../snippets.js";
import { createBaseUrls } from "./base-url-rows.js";
import { createFrame } from "./frame.js";

const USUAL = "127.0.0.1:7575";

const DENIED = `{
  "allowed": false,
  "reason": "budget_exceeded",
  "binding": { "name": "OpenAI today",
    "limit": 1.0, "used": 0.97, … },
  "fits": { "max_output_tokens": 1800,
    "cost_usd": 0.0036 }
}`;

const HEADERS = [
  ["x-spendlight-project", "the project, where the URL names none"],
  ["x-spendlight-session", "one run, or one conversation"],
  ["x-spendlight-user", "whom it is for"],
  ["x-spendlight-operation", "what it does"],
  ["x-spendlight-tags", "anything else: team=search,night=yes"],
  ["x-spendlight-call-id", "your own id for the call; every answer brings one"],
  ["x-spendlight-key", "a Spendlight key beside the provider's own"],
];

const option = (title, words, control = null) =>
  h("div", { class: "opt" }, h("div", {}, title, h("p", {}, words)), control);

const card = (title, note, ...parts) =>
  h("div", { class: "card" }, h("header", {}, h("h2", {}, title), h("span", { class: "faint small" }, note)), parts);

function deniedCard() {
  const code = h("div", { class: "code", tabindex: "0", role: "region", "aria-label": "A denied check" });
  showCode(code, DENIED);
  return card(
    "When a call is denied",
    "with 402, or 429 where it may go soon",
    h(
      "div",
      { class: "padded" },
      h(
        "p",
        { class: "dim" },
        "A proxied call gets an error as its provider would send it, with the budget in its message: the SDK raises it and does not try again. A check gets the budget that binds, and what would still go:",
      ),
      h("div", { class: "codebox" }, code),
      h(
        "p",
        { class: "small faint" },
        "429 is for limits of a minute or an hour: the header retry-after says when to ask again.",
      ),
    ),
  );
}

export function createConnection({ live, owner }) {
  const frame = createFrame("Connection", { owner });
  const at = () => live.status?.address || USUAL;
  const address = h("span", { class: "mono copyable" });
  const addUsage = toggle({
    label: "Ask streams for their usage",
    on: true,
    turn: (on) => frame.run(() => api.putSettings({ add_usage: on }), "change settings"),
  });
  const urls = createBaseUrls({ changed: draw });
  const whose = select({
    label: "Provider",
    options: PROXIED.map((id) => [id, provider(id)]),
    value: PROXIED[0],
    choose: draw,
  });
  const list = () => proxied(at(), { provider: whose.value, project: urls.project });
  const through = createSnippetBox({ title: "Use it from", list: list(), beside: whose.node });
  const without = createSnippetBox({
    title: "Ask first, tell after",
    note: "if your script cannot change its base URL",
    list: snippets(at()),
  });
  frame.node.append(
    h(
      "div",
      { class: "card" },
      option(
        "Address",
        "Only this computer can reach it.",
        h(
          "div",
          { class: "pair" },
          address,
          copyButton(() => `http://${at()}`),
        ),
      ),
      option(
        "Ask streams for their usage",
        [
          "Adds ",
          h("code", {}, "stream_options.include_usage"),
          " where a client leaves it out, and takes the extra chunk out again.",
        ],
        addUsage.node,
      ),
      option("Who may", [
        "Any program of this computer may ask, record, read and pass calls through. Budgets, settings, prices, alerts and the pause are the owner's: ",
        h("code", {}, "spendlight token"),
        " prints the token to send as ",
        h("code", {}, "Authorization: Bearer"),
        ".",
      ]),
    ),
    urls.node,
    through.node,
    card(
      "Whose a call is",
      "headers that a call may bring; none goes upstream",
      h(
        "dl",
        { class: "padded headers" },
        HEADERS.map(([name, words]) => [h("dt", { class: "mono" }, name), h("dd", { class: "dim" }, words)]),
      ),
    ),
    without.node,
    deniedCard(),
  );

  function draw() {
    text(address, live.status ? (live.status.address ? `http://${at()}` : "not listening") : "");
    urls.update(at());
    through.update(list());
    without.update(snippets(at()));
  }
  let known = "";
  live.on("status", (status) => {
    if (status.address !== known) {
      known = status.address;
      draw();
    }
  });
  return {
    node: frame.node,
    async show(params) {
      draw();
      if (params.get("at") === "ask") without.node.scrollIntoView({ block: "start" });
      const settings = await frame.read(api.settings);
      if (settings) addUsage.show(settings.add_usage);
    },
  };
}
