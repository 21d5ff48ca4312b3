// Recent calls, as they happen: in flight hatched with the most they can cost, then the same row with what they did
// cost. Newest on top; a row never moves for a change of its own, and nothing is pushed while the pointer or the focus
// is on the list. Not here: history (that is a ledger, this is a window on it).
import { h, keyed, set, swatch, text } from "../dom.js";
import { atMost, call, clock, DASH, detail } from "../format.js";
import { coalesced } from "../live.js";
import { fetchedAgain, outcomeKind, providerClass } from "../kinds.js";
import { dashboard as words, deniedBy, oddities, outcome, provider } from "../words.js";

const ROWS = 10;
const ROWS_KEPT = 100;
const IN_FLIGHT_SHOWN = 5;
const DRAW_MS = 50;
const GRACE_MS = 1500;

/** What a row says of its call when it is pointed at. */
function told(row, ended, standings) {
  if (row.held) return words.inFlight;
  if (fetchedAgain(row)) return words.fetchedAgain;
  return deniedBy(row, standings) ?? (ended && !row.cost_usd ? ended : detail(row.cost_usd));
}

function createRow(standings) {
  const time = h("time"),
    mark = swatch(""),
    model = document.createTextNode(""),
    project = h("span"),
    odd = h("span", { class: "mark odd", hidden: true }),
    denied = h("a", { class: "mark bad", href: "#/history?outcome=denied", hidden: true }),
    figure = document.createTextNode(""),
    cost = h("span", {}, odd, denied, figure);
  const who = h("span", { class: "who" }, model, " ", project);
  const node = h("li", {}, time, mark, who, cost);
  function update(row) {
    const ended = row.held ? null : outcome(row);
    set(time, "datetime", row.at);
    text(time, clock(row.at));
    set(mark, "class", `sw ${row.held ? "hatch " : ""}${providerClass(row.provider)}`);
    if (model.data !== row.model) model.data = row.model;
    text(project, row.project ?? "");
    set(cost, "class", row.held ? "cost held" : ended ? "cost bad" : "cost");
    const [said, why] = (ended || fetchedAgain(row) ? [] : oddities(row))[0] ?? ["", null];
    set(odd, "hidden", !said);
    set(odd, "title", why);
    text(odd, said);
    const stopped = Boolean(ended) && outcomeKind(row) === "denied";
    set(denied, "hidden", !stopped);
    text(denied, stopped ? ended : "");
    const paid = row.held
      ? `≤ ${atMost(row.ceiling_usd)}`
      : (ended ?? (fetchedAgain(row) ? DASH : call(row.cost_usd)));
    const shown = stopped ? "" : said ? ` ${paid}` : paid;
    if (figure.data !== shown) figure.data = shown;
    set(node, "title", words.told(provider(row.provider), row.model, told(row, ended, standings())));
    node.classList.toggle("is-new", Boolean(row.fresh));
  }
  return { node, update };
}

export function createFeed({ standings }) {
  const list = h("ol", { class: "feed" });
  const inFlight = h("span", { class: "live", hidden: true });
  const none = h("p", { class: "blank", hidden: true }, words.noneRecent);
  const draw = keyed(
    list,
    (row) => row.call_id,
    () => createRow(standings),
  );
  const node = h(
    "section",
    { class: "card", "aria-label": words.recent },
    h("header", {}, h("h2", {}, words.recent), h("span", { class: "spacer" }), inFlight),
    // The log is around the list: a list that is told to be something else has no items.
    h("div", { role: "log", "aria-live": "off", "aria-label": words.recent }, list),
    none,
  );
  const rows = new Map(); // call_id → row, in the order of their first appearance
  let flying = new Set();
  let waiting = false;
  let timer = null;

  const watched = () => list.matches(":hover") || list.contains(document.activeElement);
  list.addEventListener("pointerleave", () => {
    if (waiting) show();
  });
  const show = coalesced(() => {
    waiting = watched() && list.childElementCount > 0;
    const still = [...list.children].map((child) => rows.get(child.dataset.call)).filter(Boolean);
    const visible = waiting ? still : newest();
    for (const [id, part] of draw(visible)) part.node.dataset.call = id;
    set(none, "hidden", visible.length > 0);
  }, DRAW_MS);

  /** The rows to show, newest first; what is in flight is the last to be pushed out by what has settled. */
  function newest() {
    // By when they began, not by when they were heard of: what is told late belongs further down.
    const all = [...rows.values()].reverse().sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
    const held = new Set(all.filter((row) => row.held).slice(0, IN_FLIGHT_SHOWN));
    let room = ROWS - held.size;
    return all.filter((row) => held.has(row) || (!row.held && (room -= 1) >= 0));
  }

  function put(row) {
    rows.set(row.call_id, row);
    for (const [id, old] of rows) {
      if (rows.size <= ROWS_KEPT) break;
      if (!old.held) rows.delete(id);
    }
  }

  /** A call that is no longer in flight has an entry on its way, or was released: it gets a moment to say which. */
  function dropMissing() {
    const now = performance.now();
    let left = false;
    for (const row of rows.values()) {
      if (!row.held || flying.has(row.call_id)) continue;
      row.missing ??= now;
      if (now - row.missing >= GRACE_MS) rows.delete(row.call_id);
      else left = true;
    }
    if (left && timer === null) {
      timer = setTimeout(() => {
        timer = null;
        dropMissing();
        show();
      }, GRACE_MS);
    }
  }

  return {
    node,
    /** The last entries of the ledger, newest first: what the list starts with. */
    start(entries) {
      const held = [...rows.values()].filter((row) => row.held);
      const settled = new Map(
        [...rows.values(), ...entries].filter((row) => !row.held).map((row) => [row.call_id, row]),
      );
      rows.clear();
      for (const row of [...settled.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) put(row);
      for (const row of held) if (!settled.has(row.call_id)) put(row);
      show();
    },
    entry(entry) {
      put({ ...entry, at: rows.get(entry.call_id)?.at ?? entry.at, fresh: true });
      show();
    },
    status(status) {
      flying = new Set(status.in_flight.map((call) => call.call_id));
      for (const call of [...status.in_flight].reverse()) {
        const row = rows.get(call.call_id);
        if (!row) put({ ...call, held: true, fresh: true });
        else if (row.held) row.missing = null;
      }
      // Only so many are told by name: beyond that, nobody knows whether one of ours is gone.
      if (status.in_flight_count <= status.in_flight.length) dropMissing();
      set(inFlight, "hidden", status.in_flight_count === 0);
      text(inFlight, words.manyInFlight(status.in_flight_count));
      show();
    },
    /** Nobody tells what is in flight while the line is down. */
    quiet() {
      set(inFlight, "hidden", true);
    },
  };
}
