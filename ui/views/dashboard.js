// The first view: the sentence, the budgets, and the evidence below them. Cards and calls follow the events
// themselves; sums and the chart are fetched anew, at most twice a second, while calls arrive. Nothing here is polled.
import * as api from "../api.js";
import { h, set } from "../dom.js";
import { clock, dayHeading } from "../format.js";
import { coalesced } from "../live.js";
import { createBreakdown } from "./breakdown.js";
import { createCards } from "./cards.js";
import { createChart } from "./chart.js";
import { createFeed } from "./feed.js";
import { createFigures } from "./figures.js";
import { createFirstRun } from "./first-run.js";
import { createState } from "./state.js";

const GAP_MS = 500;
const DRAW_MS = 100;

export function createDashboard(context) {
  const { live } = context;
  const state = createState(context),
    cards = createCards(),
    chart = createChart({ changed: chose }),
    feed = createFeed({ standings: () => live.status?.budgets }),
    figures = createFigures();
  const first = createFirstRun();
  const breakdown = createBreakdown({
    chosen: () => ({ range: chart.choice.range, unit: chart.choice.unit }),
    refresh: () => again(),
  });
  const board = h("div", { class: "board" }, chart.node, feed.node, breakdown.node, figures.node);
  const node = h("div", { class: "page" }, state.node, first.node, cards.node, board);
  set(board, "hidden", true);
  set(first.node, "hidden", true);
  let shown = false,
    empty = null,
    heard = false,
    spentToday = null,
    wanted = null,
    stale = true,
    spend = "";

  const soon = coalesced(draw, DRAW_MS);
  const again = coalesced(
    () =>
      refresh().catch(() => {
        stale = true;
      }),
    GAP_MS,
  );

  async function refresh() {
    if (!shown || document.hidden || live.link === "down") {
      stale = true;
      return;
    }
    stale = false;
    const [summary, today] = await Promise.all([
      api.summary(),
      api.breakdown({ range: "today", by: "provider", limit: 500 }),
      breakdown.refresh(),
      empty ? null : chart.refresh(),
    ]);
    figures.update(summary);
    spentToday = new Map(today.groups.map((group) => [group.key, group.cost_usd]));
    drawCards();
  }

  function chose(name) {
    if (name === "by") breakdown.follow(chart.choice.by);
    again();
  }

  function decide(next) {
    if (next === empty) return;
    empty = next;
    set(first.node, "hidden", !empty);
    set(state.node, "hidden", empty && live.link !== "down" && live.status?.state !== "paused");
    set(board, "hidden", empty);
    chart.show(shown && !empty);
  }

  function drawCards() {
    if (!live.status) return;
    const down = live.link === "down";
    cards.update(
      live.status.budgets,
      { paused: live.status.state === "paused", stale: down && live.lastHeard ? clock(live.lastHeard) : null },
      spentToday,
    );
    if (wanted && shown && cards.reveal(wanted)) wanted = null;
  }

  function draw() {
    state.update();
    if (empty !== null) set(state.node, "hidden", empty && live.link !== "down" && live.status?.state !== "paused");
    drawCards();
  }

  live.on("status", (status) => {
    decide(status.calls_ever === 0 && status.in_flight_count === 0 && !heard);
    soon();
    first.update(status);
    feed.status(status);
    // Figures change with what was spent, and with the day; a reservation moves the cards alone.
    const now = `${dayHeading(Date.now())} ${status.today.calls} ${status.today.cost_usd} ${status.month.cost_usd} ${status.time_zone}`;
    if (now !== spend || stale) again();
    spend = now;
  });
  /** A call that was denied counts nowhere, and is a first call all the same. */
  function happened() {
    heard = true;
    if (empty) decide(false);
  }
  live.on("entry", (entry) => {
    happened();
    feed.entry(entry);
    again();
  });
  live.on("link", (link) => {
    draw();
    if (link === "down") feed.quiet();
    if (link === "open") {
      start();
      again();
    }
  });

  async function start() {
    try {
      const { entries } = await api.entries({ limit: 12 });
      if (entries.length) happened();
      feed.start(entries);
    } catch {
      /* the line is down; it starts when the line is open again */
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && stale) again();
  });

  return {
    node,
    show({ params }) {
      shown = true;
      chart.show(!empty);
      wanted = params.get("budget");
      draw();
      if (stale) again();
      else again();
    },
    hide() {
      shown = false;
      stale = true;
      chart.show(false);
    },
  };
}
