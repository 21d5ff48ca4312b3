// The rows of the history that are looked at: a heading for each day, a line for each call. What lies before and after
// them is one empty stretch each, so that however long the history is, the page is not; rows that stay are not built again.
import { h, keyed, set, swatch, text, vars } from "../dom.js";
import { call, clockSeconds, countOrDash, DASH, dayHeading, latency, total } from "../format.js";
import { fetchedAgain, providerClass } from "../kinds.js";
import { deniedBy, history as words, oddities, outcome, titled } from "../words.js";

const COLUMNS = [
  ["time", ""],
  ["model", ""],
  ["project", "hide-narrow"],
  ["in", "num hide-narrow"],
  ["cached", "num hide-narrow"],
  ["out", "num hide-narrow"],
  ["cost", "num"],
  ["latency", "num wide-only"],
  ["source", "wide-only"],
  ["status", ""],
];

/** [mark, explanation] of how the call went. */
function status(entry, standings) {
  const ended = outcome(entry);
  if (ended) return h("span", { class: "mark bad", title: deniedBy(entry, standings) ?? entry.error }, titled(ended));
  if (fetchedAgain(entry)) return h("span", { class: "mark", title: words.fetchedAgainHint }, words.fetchedAgain);
  const odd = oddities(entry)[0];
  return odd ? h("span", { class: "mark odd", title: odd[1] }, odd[0]) : h("span", { class: "faint" }, words.ok);
}

let serial = 0;

export function createRows({ open, standings }) {
  const stem = `calls-${(serial += 1)}`;
  const body = h("tbody", { class: "rows" });
  const before = h("div", { class: "gap" }),
    after = h("div", { class: "gap" });
  const node = h(
    "table",
    { class: "calls", role: "grid", tabindex: "0", "aria-label": words.newestFirst, "aria-colcount": COLUMNS.length },
    h(
      "thead",
      { class: "grid-head" },
      h(
        "tr",
        {},
        COLUMNS.map(([name, kind]) => h("th", { class: kind, scope: "col" }, words.columns[name])),
      ),
    ),
    body,
  );
  const draw = keyed(
    body,
    (row) => row.key,
    (row) => (row.entry ? createRow(row) : row.blank ? createBlank() : createDay()),
  );
  let selected = null,
    active = null;

  // How many columns a heading spans: before the cost, and after it. Columns that are not shown must not be spanned.
  const narrow = matchMedia("(max-width: 620px)"),
    slim = matchMedia("(max-width: 1080px)");
  const spans = () => [narrow.matches ? 2 : 6, slim.matches ? 1 : 3];
  function respan() {
    const [first, last] = spans();
    for (const cell of body.querySelectorAll(".day td:first-child")) set(cell, "colspan", first);
    for (const cell of body.querySelectorAll(".day td:last-child")) set(cell, "colspan", last);
    for (const cell of body.querySelectorAll(".blank-row td")) set(cell, "colspan", first + last + 1);
  }
  for (const width of [narrow, slim]) width.addEventListener("change", respan);

  function createDay() {
    const title = document.createTextNode(""),
      sub = h("span", { class: "faint hide-narrow" }),
      short = h("span", { class: "faint narrow-only" }),
      cost = h("td", { class: "num" });
    const [first, last] = spans();
    const heading = h("td", { colspan: first }, title, " ", sub);
    return {
      node: h("tr", { class: "day" }, heading, cost, h("td", { colspan: last }, short)),
      update({ day }) {
        const named = dayHeading(day.start);
        if (title.data !== named) title.data = named;
        text(sub, `· ${words.tally(day)}`);
        set(heading, "title", `${title.data} ${sub.textContent}`); // where it is too narrow for all of it
        text(short, words.tally(day));
        set(short, "title", short.textContent);
        text(cost, total(day.cost_usd));
      },
    };
  }

  /** A call that is on its way. */
  function createBlank() {
    const [first, last] = spans();
    return { node: h("tr", { class: "blank-row" }, h("td", { colspan: first + last + 1 })) };
  }

  function createRow({ entry }) {
    const nothing = entry.counted === false ? DASH : "$0";
    const cost = entry.cost_usd ? call(entry.cost_usd) : h("span", { class: "faint" }, nothing);
    const tokens = (n, kind = "") =>
      h("td", { class: `num hide-narrow ${kind}` }, n ? countOrDash(n) : h("span", { class: "faint" }, countOrDash(0)));
    const row = h(
      "tr",
      { id: `${stem}-${entry.call_id}`, "data-call": entry.call_id },
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
      h("td", { class: "dim hide-narrow", title: entry.project }, entry.project ?? ""),
      tokens(entry.input_tokens),
      tokens(entry.cache_read_tokens, "dim"),
      tokens(entry.output_tokens),
      h("td", { class: "num" }, cost),
      h("td", { class: "num dim wide-only" }, latency(entry.latency_ms)),
      h("td", { class: "dim wide-only" }, entry.source),
      h("td", {}, status(entry, standings())),
    );
    let place = null;
    row.addEventListener("click", () => open(entry, place));
    return {
      node: row,
      update(one) {
        ({ place } = one);
        set(row, "aria-rowindex", one.index);
        set(row, "aria-selected", entry.call_id === selected && "true");
        row.classList.toggle("is-active", one.isActive);
      },
    };
  }

  return {
    nodes: [before, node, after],
    focus: () => node.focus({ preventScroll: true }),
    get hasFocus() {
      return document.activeElement === node;
    },
    select(id) {
      selected = id;
      for (const row of body.querySelectorAll("tr[data-call]"))
        set(row, "aria-selected", row.dataset.call === id && "true");
    },
    /** `list`: the rows looked at; `above` and `below`: how high what is not drawn would be. */
    update(list, { above, below, rows }) {
      vars(before, { h: `${above}px` });
      vars(after, { h: `${below}px` });
      draw(list);
      set(node, "aria-rowcount", rows);
      active = list.find((row) => row.isActive && row.entry) ?? null;
      set(node, "aria-activedescendant", active && `${stem}-${active.entry.call_id}`);
    },
  };
}
