// What may speak up on the desktop, and when. Everything acts at once; the alert itself is always kept in the list.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { select, toggle } from "../controls.js";
import { createFrame } from "./frame.js";
import { card, option } from "./options.js";

const SWITCHES = [
  ["enabled", "Desktop notifications", "One for each threshold, window and limit. Never repeated."],
  [
    "warning",
    "Warning",
    "At 80 %, unless a budget has other thresholds. Off leaves the alert in the list and the tray icon changed.",
  ],
  ["critical", "Critical", "At 95 %: the last threshold before the limit."],
  ["exceeded", "Exceeded", "At 100 %; says whether calls are denied and until when."],
  ["forecast", "Forecast", "Once a window, when a limit will be reached more than an hour early."],
];

/** Seconds that are offered; another one that is set is offered too. */
const PATIENCE_S = [10, 20, 30, 45, 60];

/** Times of day that are offered: each half hour. */
const TIMES = Array.from(
  { length: 48 },
  (_, i) => `${String(Math.floor(i / 2)).padStart(2, "0")}:${i % 2 ? "30" : "00"}`,
);

const offered = (known, also, words = String) =>
  [...new Set([...known, also])].sort((a, b) => (a < b ? -1 : 1)).map((value) => [String(value), words(value)]);

export function createNotifications({ owner }) {
  const send = h("button", { class: "btn small", on: { click: test } }, "Send a test");
  const frame = createFrame("Notifications", { owner, action: send });
  const outcome = h("p", { class: "note", role: "status", hidden: true });
  let settings = null,
    lastWish = Promise.resolve();

  const switches = new Map(
    [...SWITCHES, ["sound", "Sound"]].map(([key, label]) => [
      key,
      toggle({ label, on: false, turn: (on) => change({ [key]: on }) }),
    ]),
  );
  const quietSwitches = new Map(
    [
      ["enabled", "Quiet hours"],
      ["let_exceeded_through", "Exceeded goes through quiet hours"],
    ].map(([key, label]) => [key, toggle({ label, on: false, turn: (on) => changeQuiet({ [key]: on }) })]),
  );
  const times = new Map(
    [
      ["from", "Quiet hours begin at"],
      ["to", "Quiet hours end at"],
    ].map(([key, label]) => [key, select({ label, options: [], choose: (time) => changeQuiet({ [key]: time }) })]),
  );
  const zone = h("p", {});
  const patience = select({
    label: "How long a call waits for your answer",
    options: [],
    choose: (seconds) => put(() => ({ ask_seconds: Number(seconds) })),
  });

  frame.node.append(
    outcome,
    card(SWITCHES.map(([key, label, words]) => option(label, words, switches.get(key).node))),
    card(
      h(
        "div",
        { class: "opt" },
        h("div", {}, "Quiet hours", zone),
        h(
          "div",
          { class: "pair" },
          times.get("from").node,
          h("span", { class: "faint" }, "to"),
          times.get("to").node,
          quietSwitches.get("enabled").node,
        ),
      ),
      option(
        "Exceeded goes through quiet hours",
        "Off has it wait like the others.",
        quietSwitches.get("let_exceeded_through").node,
      ),
      option("Sound", "For critical and exceeded.", switches.get("sound").node),
    ),
    card(
      option(
        "How long a call waits for your answer",
        "Where a budget asks, in quiet hours too. This window asks as well; without an answer the call is denied.",
        patience.node,
      ),
    ),
    h(
      "div",
      { class: "card padded example" },
      h("p", { class: "small faint" }, "What a warning looks like"),
      h(
        "div",
        { class: "note-like" },
        h("img", { src: "icon.svg", width: 36, height: 36, alt: "" }),
        h(
          "div",
          {},
          h("strong", {}, "Gemini this month is at 80\u00a0%"),
          h("div", { class: "dim" }, "$6.40 of $8.00 spent. At this pace it is full on 27 Nov."),
        ),
      ),
    ),
  );

  /** Sends what `changes()` says once the wish before it has been answered: each starts from what holds then. */
  function put(changes) {
    lastWish = lastWish.then(async () => {
      const answer = await frame.run(() => api.putSettings(changes()), "change settings");
      settings = answer ?? settings;
      draw();
      return answer;
    });
    return lastWish;
  }
  const change = (some) => put(() => ({ notifications: { ...settings.notifications, ...some } }));
  const changeQuiet = (some) =>
    put(() => {
      const now = settings.notifications;
      return { notifications: { ...now, quiet_hours: { ...now.quiet_hours, ...some } } };
    });

  async function test() {
    set(send, "disabled", true);
    const answer = await frame.run(api.testNotification, "send a notification");
    set(send, "disabled", false);
    if (!answer) return;
    const off = settings && !settings.notifications.enabled ? " Alerts send none while desktop notifications are off." : "";
    text(outcome, answer.text + off);
    outcome.classList.toggle("l-exceeded", answer.outcome !== "sent");
    set(outcome, "hidden", false);
  }

  function draw() {
    if (!settings) return;
    const { notifications } = settings,
      quiet = notifications.quiet_hours;
    for (const [key, one] of switches) one.show(Boolean(notifications[key]));
    for (const [key, one] of quietSwitches) one.show(Boolean(quiet[key]));
    for (const [key, one] of times) one.offer(offered(TIMES, quiet[key]), quiet[key]);
    text(zone, `Alerts wait in the list and come as one when they end. Times are those of ${settings.time_zone}.`);
    patience.offer(
      offered(PATIENCE_S, settings.ask_seconds, (seconds) => `${seconds} s`),
      String(settings.ask_seconds),
    );
  }

  return {
    node: frame.node,
    async show() {
      set(outcome, "hidden", true);
      settings = (await frame.read(api.settings)) ?? settings;
      draw();
    },
  };
}
