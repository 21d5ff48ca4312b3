// The rows of the history: a heading for each day, a line for each call; rows that stay are not built again.
import { h, keyed, set, swatch, text } from "../dom.js";
import { call, calls, clockSeconds, count, countOrDash, DASH, dayHeading, latency, sum, total } from "../format.js";
import { deniedBy, fetchedAgain, oddities, outcome, providerClass, titled } from "../words.js";

const COLUMNS = [
  ["Time", ""],
  ["Model", ""],
  ["Project", "hide-narrow"],
  ["In", "num hide-narrow"],
  ["Cached", "num hide-narrow"],
  ["Out", "num hide-narrow"],
  ["Cost", "num"],
  ["Latency", "num wide-only"],
  ["Source", "wide-only"],
  ["Status", ""],
];

/** [mark, explanation] of how the call went. */
function status(entry, standings) {
  const ended = outcome(entry);
  if (ended) return h("span", { class: "mark bad", title: deniedBy(entry, standings) ?? entry.error }, titled(ended));
  if (fetchedAgain(entry)) return h("span", { class: "mark", title: "Fetched again, not counted" }, "Fetched again");
  const odd = oddities(entry)[0];
  return odd ? h("span", { class: "mark odd", title: odd[1] }, odd[0]) : h("span", { class: "faint" }, "ok");
}

/** What a day came to: only what counts is a call of it. */
export function tally(entries) {
  const counted = entries.filter((entry) => entry.counted !== false);
  const others = entries.length - counted.length;
  const words = [counted.length || !others ? calls(counted.length) : "", others ? `${count(others)} not counted` : ""];
  return { words: words.filter(Boolean).join(", "), cost_usd: sum(counted.map((entry) => entry.cost_usd)) };
}

export function createRows({ open, standings }) {
  const body = h("tbody", { class: "rows" });
  const node = h(
    "table",
    { "aria-label": "Calls, newest first" },
    h(
      "thead",
      { class: "grid-head" },
      h(
        "tr",
        {},
        COLUMNS.map(([words, kind]) => h("th", { class: kind }, words)),
      ),
    ),
    body,
  );
  const draw = keyed(
    body,
    (row) => row.key,
    (row) => (row.entry ? createRow(row) : createDay()),
  );
  let selected = null,
    byKey = new Map();

  // A narrow table has four columns fewer before the cost.
  const narrow = matchMedia("(max-width: 620px)");
  const span = () => (narrow.matches ? "2" : "6");
  narrow.addEventListener("change", () => {
    for (const heading of body.querySelectorAll(".day td:first-child")) set(heading, "colspan", span());
  });

  function createDay() {
    const title = document.createTextNode(""),
      sub = h("span", { class: "faint" }),
      cost = h("td", { class: "num" });
    const heading = h("td", { colspan: span() }, title, " ", sub);
    return {
      node: h("tr", { class: "day" }, heading, cost, h("td", { colspan: "3" })),
      update({ title: words, entries, whole }) {
        if (title.data !== words) title.data = words;
        const { words: came, cost_usd } = tally(entries);
        text(sub, whole ? `· ${came}` : "");
        text(cost, whole ? total(cost_usd) : "");
      },
    };
  }

  function createRow({ entry }) {
    const nothing = entry.counted === false ? DASH : "$0";
    const cost = entry.cost_usd ? call(entry.cost_usd) : h("span", { class: "faint" }, nothing);
    const tokens = (n, kind = "") =>
      h("td", { class: `num hide-narrow ${kind}` }, n ? countOrDash(n) : h("span", { class: "faint" }, countOrDash(0)));
    const row = h(
      "tr",
      { tabindex: "-1", "data-call": entry.call_id, on: { click: () => open(entry), focus: () => roam(row) } },
      h("td", { class: "tab dim" }, h("time", { datetime: entry.at }, clockSeconds(entry.at))),
      h(
        "td",
        {},
        h(
          "span",
          { class: "name", title: entry.model },
          swatch(providerClass(entry.provider)),
          h("span", {}, entry.model),
        ),
      ),
      h("td", { class: "dim hide-narrow" }, entry.project ?? ""),
      tokens(entry.input_tokens),
      tokens(entry.cache_read_tokens, "dim"),
      tokens(entry.output_tokens),
      h("td", { class: "num" }, cost),
      h("td", { class: "num dim wide-only" }, latency(entry.latency_ms)),
      h("td", { class: "dim wide-only" }, entry.source),
      h("td", {}, status(entry, standings())),
    );
    return { node: row, update: () => set(row, "aria-selected", entry.call_id === selected && "true") };
  }

  /** One row can be reached with Tab; the arrows move from there. */
  function roam(row) {
    for (const one of nodes()) one.tabIndex = one === row ? 0 : -1;
  }
  const nodes = () => [...body.querySelectorAll("tr[data-call]")];

  return {
    node,
    nodes,
    openRow: (row) => open(byKey.get(row.dataset.call)),
    select(id) {
      selected = id;
      for (const row of nodes()) set(row, "aria-selected", row.dataset.call === id && "true");
    },
    /** `complete`: the list ends with the ledger, so that its last day is a whole one. */
    update(entries, { complete }) {
      const list = [];
      let day = null;
      byKey = new Map(entries.map((entry) => [entry.call_id, entry]));
      for (const entry of entries) {
        const title = dayHeading(entry.at);
        if (day?.title !== title) list.push((day = { key: `day ${title}`, title, entries: [], whole: true }));
        day.entries.push(entry);
        list.push({ key: entry.call_id, entry });
      }
      if (day && !complete) day.whole = false;
      draw(list);
      const all = nodes();
      if (all.length && !all.some((row) => row.tabIndex === 0)) all[0].tabIndex = 0;
    },
  };
}
