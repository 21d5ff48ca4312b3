// What was crossed and whether it was said: newest first, by day. A and D answer the alert in focus.
// Not here: the words of an alert; they are made when it is, and kept.
import * as api from "../api.js";
import { fill, glyph, h, icon, keyed, set, text } from "../dom.js";
import { dayHeading, sameDay } from "../format.js";
import { moveFocus } from "../keys.js";
import { coalesced, said } from "../live.js";
import { level as levelWord } from "../words.js";
import { createDay } from "./alert-rows.js";
import { segments } from "./controls.js";

const LIMIT = 200;
const STATES = [
  ["new", "New"],
  ["acknowledged", "Acknowledged"],
  ["dismissed", "Dismissed"],
  ["", "All"],
];
const LEVELS = ["warning", "critical", "exceeded"];

export function createAlerts({ live, owner }) {
  let all = [],
    levels = new Set(),
    asked = 0,
    shown = false;
  const state = segments({ label: "State", options: STATES, value: "", choose: () => load() });
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
    "Acknowledge all",
  );
  const problem = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const days = h("div", { class: "stack" });
  const empty = h("div", { class: "empty-page l-ok", hidden: true });
  const node = h(
    "div",
    { class: "page" },
    h("h1", { class: "vh" }, "Alerts"),
    h("div", { class: "tools flush" }, state.node, chips, h("span", { class: "spacer" }), everything),
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
        groups.set(title, { key: title, title: sameDay(alert.at, Date.now()) ? "Today" : title, alerts: [] });
      groups.get(title).alerts.push(alert);
    }
    drawDays([...groups.values()]);
    set(everything, "hidden", !listed().some((alert) => alert.state === "new"));
    const none = listed().length === 0;
    set(empty, "hidden", !none);
    if (none) {
      const filtered = state.value !== "" || levels.size > 0;
      fill(
        empty,
        glyph("ok"),
        h("h2", {}, filtered ? "No alert of this kind" : "No alerts yet"),
        h(
          "p",
          {},
          filtered
            ? "Choose All to see every alert."
            : "Spendlight speaks up when a budget passes one of its thresholds, once for each.",
        ),
        all.length >= LIMIT && h("p", {}, `The last ${LIMIT} were looked at.`),
      );
    }
  }

  async function load() {
    if (!shown) return;
    try {
      const question = (asked += 1);
      const { alerts } = await api.alerts({ state: state.value, limit: LIMIT });
      if (question !== asked) return; // overtaken by a newer question
      all = alerts;
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
          { what: "answer alerts" },
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
        { what: "answer alerts" },
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
  live.on("status", (status) => {
    if (
      shown &&
      status.alerts_new !== all.filter((alert) => alert.state === "new").length &&
      state.value !== "acknowledged" &&
      state.value !== "dismissed"
    )
      again();
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
      if (focused && (letter === "a" || letter === "d")) {
        const alert = all.find((one) => String(one.id) === focused.dataset.id);
        if (alert?.state === "new") answer(alert.id, letter === "a" ? api.acknowledge : api.dismiss);
        return true;
      }
      if (document.activeElement?.closest?.(".seg")) return false;
      return (event.key === "ArrowDown" || event.key === "ArrowUp") && moveFocus(event, alerts);
    },
  };
}
