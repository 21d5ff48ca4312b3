// What was crossed and whether it was said: newest first, by day. A and D answer the alert in focus, S snoozes it.
// Not here: the words of an alert; they are made when it is, and kept.
import * as api from "../api.js";
import { fill, glyph, h, icon, keyed, set, text } from "../dom.js";
import { dayHeading, sameDay } from "../format.js";
import { moveFocus } from "../keys.js";
import { coalesced, said } from "../live.js";
import { alerts as words, level as levelWord } from "../words.js";
import { createDay } from "./alert-rows.js";
import { segments, select } from "./controls.js";

const LIMIT = 200;
const LEVELS = ["warning", "critical", "exceeded"];

export function createAlerts({ live, owner }) {
  let all = [],
    levels = new Set(),
    asked = 0,
    counted = null,
    denied = null,
    shown = false;
  const state = segments({ label: words.stateLabel, options: Object.entries(words.states), value: "", choose: () => load() });
  const budget = select({ label: words.budgetLabel, options: [], choose: () => load() });
  const chips = LEVELS.map((level) =>
    h(
      "button",
      { class: "chip", "aria-pressed": "false", on: { click: (event) => flip(level, event.currentTarget) } },
      levelWord(level),
    ),
  );
  const everything = h(
    "button",
    { class: "btn small", on: { click: acknowledgeAll } },
    icon("check"),
    words.acknowledgeAll,
  );
  const problem = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const days = h("div", { class: "stack" });
  const empty = h("div", { class: "empty-page l-ok", hidden: true });
  const node = h(
    "div",
    { class: "page" },
    h("h1", { class: "vh" }, words.title),
    h("div", { class: "tools flush" }, state.node, budget.node, chips, h("span", { class: "spacer" }), everything),
    problem,
    days,
    empty,
  );
  const drawDays = keyed(
    days,
    (day) => day.key,
    () => createDay(answer),
  );

  function flip(level, chip) {
    levels.has(level) ? levels.delete(level) : levels.add(level);
    set(chip, "aria-pressed", String(levels.has(level)));
    draw();
  }

  function listed() {
    return all.filter((alert) => !levels.size || levels.has(alert.level));
  }

  function draw() {
    const groups = new Map();
    for (const alert of listed()) {
      const title = dayHeading(alert.at);
      if (!groups.has(title))
        groups.set(title, { key: title, title: sameDay(alert.at, Date.now()) ? words.today : title, alerts: [] });
      groups.get(title).alerts.push(alert);
    }
    drawDays([...groups.values()]);
    set(everything, "hidden", !listed().some((alert) => alert.state === "new"));
    const none = listed().length === 0;
    set(empty, "hidden", !none);
    if (none) {
      const filtered = state.value !== "" || budget.value !== "" || levels.size > 0;
      const [title, hint] = filtered ? words.none.filtered : words.none.ever;
      fill(
        empty,
        glyph("ok"),
        h("h2", {}, title),
        h("p", {}, hint),
        all.length >= LIMIT && h("p", {}, words.looked(LIMIT)),
      );
    }
  }

  /** Every budget there is, and those of alerts whose budget has been removed. */
  const named = new Map();
  function offerBudgets() {
    for (const alert of all) named.set(alert.budget, alert.budget_name);
    for (const standing of live.status?.budgets ?? []) named.set(standing.budget, standing.name);
    budget.offer([["", words.everyBudget], ...named], budget.value);
  }

  async function load() {
    if (!shown) return;
    try {
      const question = (asked += 1);
      const { alerts } = await api.alerts({ state: state.value, budget: budget.value, limit: LIMIT });
      if (question !== asked) return; // overtaken by a newer question
      all = alerts;
      offerBudgets();
      tell("");
      draw();
    } catch (error) {
      tell(said(error));
    }
  }
  const again = coalesced(load, 500);

  function tell(words) {
    text(problem, words);
    set(problem, "hidden", !words);
  }

  async function answer(id, run) {
    const focused = document.activeElement?.closest?.(".alert");
    try {
      if (
        await owner.may(
          async () => {
            await run(id);
            return true;
          },
          { what: words.answering },
        )
      )
        await load();
    } catch (error) {
      tell(error.message);
    }
    if (focused && !focused.isConnected) node.querySelector(".alert")?.focus();
    else focused?.focus();
  }

  async function acknowledgeAll() {
    const fresh = listed().filter((alert) => alert.state === "new");
    try {
      await owner.may(
        async () => {
          for (const alert of fresh) await api.acknowledge(alert.id);
          return true;
        },
        { what: words.answering },
      );
    } catch (error) {
      tell(error.message);
    }
    await load();
  }

  live.on("alert", () => again());
  live.on("link", (link) => {
    if (link === "open") again();
  });
  // One that was answered elsewhere, or has come back, changes how many are new; a limit that denies goes on doing so.
  live.on("status", ({ alerts_new: fresh, budgets }) => {
    const calls = budgets.map((budget) => budget.denied_calls).join();
    if (fresh !== counted || calls !== denied) again();
    [counted, denied] = [fresh, calls];
  });

  return {
    node,
    show() {
      shown = true;
      load();
    },
    hide() {
      shown = false;
    },
    key(event, { command, inField }) {
      if (command || inField || event.altKey) return false;
      const alerts = [...node.querySelectorAll(".alert")];
      const focused = document.activeElement?.closest?.(".alert");
      const letter = event.key.toLowerCase();
      // What the row offers now is what its key does.
      if (focused && "ads".includes(letter)) {
        focused.querySelector(`button[title=${letter.toUpperCase()}]`)?.click();
        return true;
      }
      if (document.activeElement?.closest?.(".seg")) return false;
      return (event.key === "ArrowDown" || event.key === "ArrowUp") && moveFocus(event, alerts);
    },
  };
}
