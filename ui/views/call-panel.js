// One call, to the nano-dollar: what it was, what it used, how its cost was found.
import * as api from "../api.js";
import { fill, h, icon, set, swatch } from "../dom.js";
import { count, dateTime, detail, latency } from "../format.js";
import { fetchedAgain, outcomeKind, providerClass } from "../kinds.js";
import { deniedBy, history as words, oddities, outcome, provider, source, titled } from "../words.js";
import { createCost } from "./call-cost.js";
import { copyButton } from "./controls.js";

function tokenTable(entry) {
  const line = (kind, term, n) => h("tr", {}, h("td", { class: kind }, term), h("td", { class: "num" }, count(n)));
  const reasoning = words.reasoning(entry.reasoning_tokens);
  const rows = [
    tokenLines(entry).map(([term, n]) => line("dim", term, n)),
    entry.reasoning_tokens ? h("tr", {}, h("td", { class: "faint", colspan: "2" }, reasoning)) : null,
    line(null, words.total, entry.input_tokens + entry.output_tokens),
  ];
  return [h("h3", {}, words.tokens), h("table", { class: "sum" }, h("tbody", {}, rows))];
}

/** The tokens of a call by kind; cached and written parts are inside the input, reasoning inside the output. */
function tokenLines(entry) {
  const plain = entry.input_tokens - entry.cache_read_tokens - entry.cache_write_tokens;
  const lines = [
    [words.kinds.input, entry.cache_read_tokens || entry.cache_write_tokens ? Math.max(0, plain) : entry.input_tokens],
  ];
  if (entry.cache_read_tokens) lines.push([words.kinds.cache_read, entry.cache_read_tokens]);
  if (entry.cache_write_tokens) lines.push([words.kinds.cache_write, entry.cache_write_tokens]);
  lines.push([words.kinds.output, entry.output_tokens]);
  return lines;
}

/** `narrow(filter)` narrows the list to what a call is one of. */
export function createPanel({ opened, closed, standings, narrow }) {
  const node = h("aside", { class: "side", "aria-label": words.details, hidden: true });
  const cost = createCost();
  let entry = null;

  /** What a call has, as a way to its like. */
  function only(name) {
    const value = entry[name];
    if (!value) return null;
    return h("button", { class: "link", title: words.only(name), on: { click: () => narrow({ [name]: value }) } }, value);
  }

  function pairs(entry) {
    const ended = outcome(entry);
    const denied = deniedBy(entry, standings());
    const tags = Object.entries(entry.tags ?? {});
    return [
      ["at", dateTime(entry.at)],
      ["provider", provider(entry.provider)],
      ["result", denied ?? (ended ? titled(ended) : fetchedAgain(entry) ? words.fetchedAgainHint : words.ok)],
      ["error", denied ? null : entry.error],
      ["project", only("project")],
      ["session", only("session")],
      ["user", entry.user],
      ["operation", entry.operation],
      ["key", entry.key],
      [
        "tags",
        tags.length ? tags.flatMap(([key, value]) => [h("span", { class: "mark" }, `${key}=${value}`), " "]) : null,
      ],
      ["latency", entry.latency_ms === null || entry.latency_ms === undefined ? null : latency(entry.latency_ms)],
      ["source", source(entry.source)],
      ["usage", denied ? null : words.usage(entry.usage_source)],
      ["tokens", denied ? null : count(entry.input_tokens + entry.output_tokens)],
      ["tier", entry.service_tier],
      ["call_id", h("span", { class: "mono" }, entry.call_id)],
    ].filter(([, value]) => value);
  }

  function draw() {
    const close = h(
      "button",
      { class: "btn ghost icon small square", "aria-label": words.close, on: { click: () => panel.close() } },
      icon("x"),
    );
    const odd = oddities(entry);
    const denied = outcomeKind(entry) === "denied";
    fill(
      node,
      h("div", { class: "title" }, swatch(providerClass(entry.provider)), h("h2", {}, entry.model), close),
      h(
        "div",
        { class: "big tab copyable" },
        denied ? words.denied : entry.counted === false ? words.notCounted : detail(entry.cost_usd),
      ),
      h("p", { class: "faint small" }, words.costWords(entry, denied)),
      odd.map(([, why]) => h("p", { class: "note l-warning" }, why)),
      h(
        "dl",
        { class: "kv" },
        pairs(entry).map(([term, value]) => [h("dt", {}, words.facts[term]), h("dd", {}, value)]),
      ),
      entry.counted !== false && cost.node,
      h(
        "div",
        { class: "acts" },
        copyButton(json, words.copyJson),
        copyButton(() => entry.call_id, words.copyId),
      ),
    );
    if (entry.counted !== false) cost.show(entry, tokenTable(entry));
  }
  const json = () => JSON.stringify(entry, null, 2);

  const panel = {
    node,
    get entry() {
      return entry;
    },
    copy: () => api.copy(json()),
    open(next) {
      entry = next;
      set(node, "hidden", false);
      draw();
      node.scrollTop = 0;
      opened(entry);
    },
    close() {
      entry = null;
      set(node, "hidden", true);
      closed();
    },
  };
  return panel;
}
