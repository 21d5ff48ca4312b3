// Where Spendlight listens, and how a program's calls come to pass through it; or, where they cannot, how it asks and
// tells.
import * as api from "../../api.js";
import { h, text } from "../../dom.js";
import { connection as words, provider, settings as common } from "../../words.js";
import { PROXIED } from "../base-urls.js";
import { showCode } from "../code.js";
import { copyButton, select, toggle } from "../controls.js";
import { proxied } from "../proxied.js";
import { createSnippetBox } from "../snippet-box.js";
import { snippets } from "../snippets.js";
import { createBaseUrls } from "./base-url-rows.js";
import { createFrame } from "./frame.js";
import { option } from "./options.js";

const USUAL = "127.0.0.1:7575";

const DENIED = `{
  "allowed": false,
  "reason": "budget_exceeded",
  "binding": { "name": "OpenAI today",
    "limit": 1.0, "used": 0.97, … },
  "fits": { "max_output_tokens": 1800,
    "cost_usd": 0.0036 }
}`;

const card = (title, note, ...parts) =>
  h("div", { class: "card" }, h("header", {}, h("h2", {}, title), h("span", { class: "faint small" }, note)), parts);

function deniedCard() {
  const code = h("div", { class: "code", tabindex: "0", role: "region", "aria-label": words.deniedCode });
  showCode(code, DENIED);
  return card(
    words.denied,
    words.deniedNote,
    h(
      "div",
      { class: "padded" },
      h("p", { class: "dim" }, words.deniedHint),
      h("div", { class: "codebox" }, code),
      h("p", { class: "small faint" }, words.deniedSoon),
    ),
  );
}

export function createConnection({ live, owner }) {
  const frame = createFrame(words.title, { owner });
  const at = () => live.status?.address || USUAL;
  const address = h("span", { class: "mono copyable" });
  const addUsage = toggle({
    label: words.askStreams,
    on: true,
    turn: (on) => frame.run(() => api.putSettings({ add_usage: on }), common.mayChange),
  });
  const urls = createBaseUrls({ changed: draw });
  const whose = select({
    label: words.provider,
    options: PROXIED.map((id) => [id, provider(id)]),
    value: PROXIED[0],
    choose: draw,
  });
  const list = () => proxied(at(), { provider: whose.value, project: urls.project });
  const through = createSnippetBox({ title: words.useItFrom, list: list(), beside: whose.node });
  const without = createSnippetBox({
    title: words.askFirst,
    note: words.askFirstNote,
    list: snippets(at()),
  });
  frame.node.append(
    h(
      "div",
      { class: "card" },
      option(
        words.address,
        words.addressHint,
        h(
          "div",
          { class: "pair" },
          address,
          copyButton(() => `http://${at()}`),
        ),
      ),
      option(
        words.askStreams,
        [words.askStreamsHint[0], h("code", {}, "stream_options.include_usage"), words.askStreamsHint[1]],
        addUsage.node,
      ),
      option(words.whoMay, [
        words.whoMayHint[0],
        h("code", {}, "spendlight token"),
        words.whoMayHint[1],
        h("code", {}, "Authorization: Bearer"),
        words.whoMayHint[2],
      ]),
    ),
    urls.node,
    through.node,
    card(
      words.whose,
      words.whoseNote,
      h(
        "dl",
        { class: "padded headers" },
        Object.entries(words.headers).map(([name, what]) => [h("dt", { class: "mono" }, name), h("dd", { class: "dim" }, what)]),
      ),
    ),
    without.node,
    deniedCard(),
  );

  function draw() {
    text(address, live.status ? (live.status.address ? `http://${at()}` : words.notListening) : "");
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
