// One call, to the nano-dollar: what it was, what it used, how its cost was found.
import * as api from "../api.js";
import { fill, h, icon, set, swatch } from "../dom.js";
import { count, dateTime, detail, latency } from "../format.js";
import { deniedBy, fetchedAgain, oddities, outcome, provider, providerClass, source, titled } from "../words.js";
import { copyButton } from "./controls.js";

const PRICED = {
  catalog: "priced from the price list",
  override: "priced by your own price",
  caller: "cost told by the caller",
  unknown: "no price known, counted high",
};
const USAGE = { reported: "reported by the provider", estimated: "estimated from the request" };

function tokenTable(entry) {
  const line = (kind, term, n) => h("tr", {}, h("td", { class: kind }, term), h("td", { class: "num" }, count(n)));
  const reasoning = `of which ${count(entry.reasoning_tokens)} reasoning`;
  const rows = [
    tokenLines(entry).map(([term, n]) => line("dim", term, n)),
    entry.reasoning_tokens ? h("tr", {}, h("td", { class: "faint", colspan: "2" }, reasoning)) : null,
    line(null, "Total", entry.input_tokens + entry.output_tokens),
  ];
  return [h("h3", {}, "Tokens"), h("table", { class: "sum" }, h("tbody", {}, rows))];
}

function costWords(entry, denied) {
  if (denied) return "It did not go to its provider, and counts nowhere";
  if (entry.counted === false) return "It was counted when it was first given";
  return titled(PRICED[entry.priced] ?? entry.priced);
}

/** The tokens of a call by kind; cached and written parts are inside the input, reasoning inside the output. */
function tokenLines(entry) {
  const plain = entry.input_tokens - entry.cache_read_tokens - entry.cache_write_tokens;
  const lines = [
    ["Input", entry.cache_read_tokens || entry.cache_write_tokens ? Math.max(0, plain) : entry.input_tokens],
  ];
  if (entry.cache_read_tokens) lines.push(["Cached input", entry.cache_read_tokens]);
  if (entry.cache_write_tokens) lines.push(["Written to the cache", entry.cache_write_tokens]);
  lines.push(["Output", entry.output_tokens]);
  return lines;
}

/** `narrow(filter)` narrows the list to what a call is one of. */
export function createPanel({ opened, closed, standings, narrow }) {
  const node = h("aside", { class: "side", "aria-label": "Call details", hidden: true });
  let entry = null;

  /** What a call has, as a way to its like. */
  function only(name) {
    const value = entry[name];
    if (!value) return null;
    const title = `Show only calls of this ${name}`;
    return h("button", { class: "link", title, on: { click: () => narrow({ [name]: value }) } }, value);
  }

  function pairs(entry) {
    const ended = outcome(entry);
    const denied = deniedBy(entry, standings());
    const tags = Object.entries(entry.tags ?? {});
    return [
      ["Time", dateTime(entry.at)],
      ["Provider", provider(entry.provider)],
      ["Result", denied ?? (ended ? titled(ended) : fetchedAgain(entry) ? "Fetched again, not counted" : "ok")],
      ["Error", denied ? null : entry.error],
      ["Project", only("project")],
      ["Session", only("session")],
      ["User", entry.user],
      ["Operation", entry.operation],
      ["Key", entry.key],
      [
        "Tags",
        tags.length ? tags.flatMap(([key, value]) => [h("span", { class: "mark" }, `${key}=${value}`), " "]) : null,
      ],
      ["Latency", entry.latency_ms === null || entry.latency_ms === undefined ? null : latency(entry.latency_ms)],
      ["Source", source(entry.source)],
      ["Usage", denied ? null : (USAGE[entry.usage_source] ?? entry.usage_source)],
      ["Service tier", entry.service_tier],
      ["Call ID", h("span", { class: "mono" }, entry.call_id)],
    ].filter(([, value]) => value);
  }

  function draw() {
    const close = h(
      "button",
      { class: "btn ghost icon small square", "aria-label": "Close", on: { click: () => panel.close() } },
      icon("x"),
    );
    const odd = oddities(entry);
    const denied = outcome(entry) === "denied";
    fill(
      node,
      h("div", { class: "title" }, swatch(providerClass(entry.provider)), h("h2", {}, entry.model), close),
      h(
        "div",
        { class: "big tab copyable" },
        denied ? "Denied" : entry.counted === false ? "Not counted" : detail(entry.cost_usd),
      ),
      h("p", { class: "faint small" }, costWords(entry, denied)),
      odd.map(([, why]) => h("p", { class: "note l-warning" }, why)),
      h(
        "dl",
        { class: "kv" },
        pairs(entry).map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]),
      ),
      !denied && tokenTable(entry),
      h(
        "div",
        { class: "acts" },
        copyButton(json, "Copy as JSON"),
        copyButton(() => entry.call_id, "Call ID"),
      ),
    );
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
