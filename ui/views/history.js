// The ledger as a list: newest first, by day, filtered; one call's details beside it. Only what is looked at is drawn
// and kept, and the rest is known by its height. New calls are put on top only while the top is being looked at and
// nothing is chosen; otherwise a button offers them, and nothing moves. Not here: totals over time (dashboard).
import * as api from "../api.js";
import { animated, h, set, text } from "../dom.js";
import { calls } from "../format.js";
import { coalesced, said } from "../live.js";
import { data, history as words } from "../words.js";
import { midnightFrom } from "../zone.js";
import { createPanel } from "./call-panel.js";
import { createRows } from "./call-rows.js";
import { createExport } from "./exporting.js";
import { createFilters } from "./history-filters.js";
import { ROW_PX } from "./history-index.js";
import { createPages } from "./history-pages.js";

/** Rows that are drawn beyond what is seen, so that scrolling meets them. */
const BEYOND_PX = 12 * ROW_PX;
/** How often the list is asked for anew while calls arrive and its top is looked at. */
const GAP_MS = 500;

export function createHistory({ live, owner }) {
  let shown = false,
    waiting = 0,
    oldest = null,
    active = null;

  const zone = () => live.status?.time_zone;
  const exporting = createExport({
    owner,
    filter: () => filters.query(),
    entries: () => (pages.counting || pages.index.isCut ? null : pages.index.entries),
  });
  const filters = createFilters({ zone, changed: load, act: exporting.opener });
  const pages = createPages({
    ask: { days: api.days, entries: api.entries },
    changed: () => redraw(),
    failed: (error) => wrong(said(error)),
  });
  const fresh = h("button", { class: "btn small fresh", hidden: true, on: { click: load } });
  const problem = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const none = h("p", { class: "blank", hidden: true });
  const found = h("p", { class: "found small faint", role: "status" });
  const standings = () => live.status?.budgets;
  const rows = createRows({
    standings,
    open(entry, place) {
      active = place;
      panel.open(entry);
    },
  });
  const scroll = h("div", { class: "scroll", on: { scroll: () => redraw() } }, rows.nodes, none);
  const panel = createPanel({
    standings,
    narrow: (given) => filters.narrow(given),
    closed: () => {
      node.classList.add("is-alone");
      rows.select(null);
    },
    opened: (entry) => {
      node.classList.remove("is-alone");
      rows.select(entry.call_id);
    },
  });
  const node = h(
    "div",
    { class: "ledger is-alone" },
    h(
      "section",
      { class: "list", "aria-label": words.list },
      h("h1", { class: "vh" }, words.title),
      filters.node,
      exporting.node,
      problem,
      scroll,
      found,
      fresh,
    ),
    panel.node,
  );
  set(exporting.node, "hidden", true);
  new ResizeObserver(() => redraw()).observe(scroll);

  function load() {
    scroll.scrollTop = 0;
    waiting = 0;
    oldest = active = null;
    wrong("");
    if (shown) pages.load(filters.query());
  }

  function wrong(what) {
    text(problem, what);
    set(problem, "hidden", !what);
  }

  const same = (a, b) => Boolean(a && b) && a.day.start === b.day.start && a.row === b.row;

  function draw() {
    if (!shown) return;
    const { index } = pages;
    const from = Math.max(0, scroll.scrollTop - BEYOND_PX);
    const to = scroll.scrollTop + scroll.clientHeight + BEYOND_PX;
    const looked = index.slice(from, to);
    pages.want(looked);
    // A day's heading stays in sight while its calls are.
    const [first] = looked;
    const places = first?.row >= 0 ? [{ day: first.day, row: -1 }, ...looked] : looked;
    const list = places.map((place) => {
      const { day, row } = place;
      if (row < 0) return { key: `day ${day.start}`, day };
      const entry = pages.entry(day, row);
      const at = index.topOf(day, row) / ROW_PX + 2;
      const key = entry?.call_id ?? `blank ${day.start} ${row}`;
      return { key, entry, blank: !entry, place, index: at, isActive: same(place, active) };
    });
    const above = first ? index.topOf(first.day, first.row) - ROW_PX * (places.length - looked.length) : 0;
    const below = Math.max(0, index.height - above - places.length * ROW_PX);
    rows.update(list, { above, below, rows: index.height / ROW_PX + 1 });
    const gone = data.endOfCalls(pages.gone);
    const known = { ...index, counting: pages.counting, isSet: filters.isSet, gone };
    const told = words.said(known, calls(index.entries));
    text(none, told.none);
    set(none, "hidden", !told.none || !problem.hidden);
    text(found, told.found);
    exporting.offer();
    set(fresh, "hidden", waiting === 0);
    text(fresh, words.fresh(waiting));
    atTop();
  }
  const redraw = animated(draw);

  const isReading = () => scroll.scrollTop >= 4 || panel.entry || active;
  const renew = coalesced(() => {
    if (!shown || waiting === 0 || isReading()) return;
    const since = midnightFrom(new Date(oldest), zone(), 0).getTime();
    waiting = 0;
    oldest = null;
    return pages.renew(since);
  }, GAP_MS);
  /** Whoever comes back to the top and has chosen nothing is shown what has come since. */
  function atTop() {
    if (waiting > 0 && !isReading()) renew();
  }

  live.on("entry", (entry) => {
    if (!shown || !filters.fits(entry)) return;
    waiting += 1;
    oldest = Math.min(oldest ?? Infinity, Date.parse(entry.at));
    redraw();
  });
  live.on("link", (link) => {
    if (link === "open" && shown) load();
  });

  function move(steps) {
    const next = pages.index.step(active, steps);
    if (!next) return false;
    active = next;
    const top = pages.index.topOf(next.day, next.row);
    // The head stands over the first row, and so may a day's heading.
    if (top < scroll.scrollTop + ROW_PX) scroll.scrollTop = top - ROW_PX;
    else if (top + 3 * ROW_PX > scroll.scrollTop + scroll.clientHeight)
      scroll.scrollTop = top + 3 * ROW_PX - scroll.clientHeight;
    rows.focus();
    redraw();
    return true;
  }

  function openActive() {
    const entry = active && pages.entry(active.day, active.row);
    if (entry) panel.open(entry);
    return Boolean(entry);
  }

  return {
    node,
    search: filters.focus,
    show({ params }) {
      shown = true;
      // #/history?outcome=denied
      if (!filters.only(params)) load();
      filters.offer();
    },
    hide() {
      shown = false;
    },
    key(event, { command, inField }) {
      if (event.key === "Escape") {
        if (panel.entry) return (panel.close(), true);
        if (filters.escape()) return true;
        if (inField || !active) return false;
        active = null;
        redraw();
        return true;
      }
      if (command && event.key.toLowerCase() === "c" && panel.entry && String(getSelection()) === "" && !inField)
        return (panel.copy(), true);
      if (command && !event.shiftKey && event.key.toLowerCase() === "e") return (exporting.toggle(), true);
      if (command || inField) return false;
      const page = Math.max(1, Math.floor(scroll.clientHeight / ROW_PX) - 3);
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, End: Infinity, Home: -Infinity };
      if (event.key in steps) return move(steps[event.key]);
      return event.key === "Enter" && rows.hasFocus && openActive();
    },
  };
}
