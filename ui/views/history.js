// The ledger as a list: newest first, by day, filtered, older pages on demand; one call's details beside it. New calls
// are put on top only while the top is being looked at; otherwise a button offers them. Not here: totals over time
// (dashboard).
import * as api from "../api.js";
import { animated, h, set, text } from "../dom.js";
import { count } from "../format.js";
import { moveFocus } from "../keys.js";
import { said } from "../live.js";
import { outcomeKind } from "../words.js";
import { createPanel } from "./call-panel.js";
import { createRows } from "./call-rows.js";
import { createFilters } from "./history-filters.js";

const PAGE = 50;
const ROWS_MAX = 500;

export function createHistory({ live }) {
  let entries = [],
    cursor = null,
    asked = 0,
    shown = false,
    waiting = 0,
    busy = false;

  const filters = createFilters({
    changed: () => {
      scroll.scrollTop = 0;
      load();
    },
  });
  const { filter } = filters;
  const fresh = h("button", {
    class: "btn small fresh",
    hidden: true,
    on: {
      click: () => {
        scroll.scrollTop = 0;
        load();
      },
    },
  });
  const older = h("button", { class: "btn small", on: { click: loadOlder } }, "Load older");
  const foot = h("div", { class: "more", hidden: true }, older);
  const problem = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const none = h("p", { class: "blank", hidden: true });
  const standings = () => live.status?.budgets;
  const rows = createRows({ standings, open: (entry) => panel.open(entry) });
  const scroll = h("div", { class: "scroll", on: { scroll: nearTop } }, rows.node, none, foot);
  const panel = createPanel({
    standings,
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
      { class: "list", "aria-label": "Calls" },
      h("h1", { class: "vh" }, "History"),
      filters.node,
      problem,
      scroll,
      fresh,
    ),
    panel.node,
  );

  async function load() {
    if (!shown) return;
    const question = (asked += 1);
    try {
      const page = await api.entries({ ...filter, limit: PAGE });
      if (question !== asked) return;
      ({ entries, next_cursor: cursor } = page);
      waiting = 0;
      draw("");
    } catch (error) {
      if (question === asked) draw(said(error));
    }
  }
  async function loadOlder() {
    if (!cursor || busy) return;
    busy = true;
    set(older, "disabled", true);
    const question = asked;
    try {
      const page = await api.entries({ ...filter, limit: PAGE, cursor });
      if (question === asked) {
        const known = new Set(entries.map((entry) => entry.call_id));
        entries = [...entries, ...page.entries.filter((entry) => !known.has(entry.call_id))];
        cursor = page.next_cursor;
        draw("");
      }
    } catch (error) {
      draw(error.message);
    } finally {
      busy = false;
      set(older, "disabled", false);
    }
  }

  function draw(wrong) {
    const filtered = Object.values(filter).some(Boolean);
    text(problem, wrong);
    set(problem, "hidden", !wrong);
    rows.update(entries, { complete: !cursor });
    set(foot, "hidden", !cursor);
    set(none, "hidden", entries.length > 0 || Boolean(wrong));
    text(
      none,
      filtered
        ? "No call is like that. Clear the filters to see every call."
        : "No calls yet. Each call that is recorded becomes a line here.",
    );
    set(fresh, "hidden", waiting === 0);
    text(fresh, `${count(waiting)} new ${waiting === 1 ? "call" : "calls"}`);
  }

  const redraw = animated(() => draw(""));

  const fits = (entry) =>
    !filter.q &&
    (!filter.provider || entry.provider === filter.provider) &&
    (!filter.model || entry.model === filter.model) &&
    (!filter.outcome || outcomeKind(entry) === filter.outcome);
  function arrived(entry) {
    if (!shown || entries.some((one) => one.call_id === entry.call_id)) return;
    if (!fits(entry) && !filter.q) return;
    const newest = !entries.length || Date.parse(entry.at) >= Date.parse(entries[0].at);
    const room = entries.length < ROWS_MAX;
    if (!filter.q && newest && room && scroll.scrollTop < 4 && !panel.entry) entries = [entry, ...entries];
    else waiting += 1;
    redraw();
  }
  function nearTop() {
    if (waiting && scroll.scrollTop < 4 && !panel.entry && !filter.q) load();
  }

  live.on("entry", arrived);
  live.on("link", (link) => {
    if (link === "open" && shown) load();
  });

  return {
    node,
    search: filters.focus,
    show({ params }) {
      shown = true;
      // #/history?outcome=denied
      if (!filters.only(params.get("outcome"))) load();
      filters.offer();
    },
    hide() {
      shown = false;
    },
    key(event, { command, inField }) {
      if (event.key === "Escape") {
        if (panel.entry) return (panel.close(), true);
        return filters.escape();
      }
      if (command && event.key.toLowerCase() === "c" && panel.entry && String(getSelection()) === "" && !inField)
        return (panel.copy(), true);
      if (command || inField) return false;
      const focused = document.activeElement?.closest?.("tr[data-call]");
      if (event.key === "Enter" && focused) return (rows.openRow(focused), true);
      return /^(ArrowUp|ArrowDown)$/.test(event.key) && moveFocus(event, rows.nodes());
    },
  };
}
