// What may speak up on the desktop, and when. Everything acts at once; the alert itself is always kept in the list.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { inDollars, total } from "../../format.js";
import { settings as words } from "../../words.js";
import { select, toggle } from "../controls.js";
import { createFrame } from "./frame.js";
import { card, option } from "./options.js";

const SWITCHES = ["enabled", "warning", "critical", "exceeded", "forecast"];

/** Seconds that are offered; another one that is set is offered too. */
const PATIENCE_S = [10, 20, 30, 45, 60];

/** Times of day that are offered: each half hour. */
const TIMES = Array.from(
  { length: 48 },
  (_, i) => `${String(Math.floor(i / 2)).padStart(2, "0")}:${i % 2 ? "30" : "00"}`,
);

const offered = (known, also, say = String) =>
  [...new Set([...known, also])].sort((a, b) => (a < b ? -1 : 1)).map((value) => [String(value), say(value)]);

export function createNotifications({ owner }) {
  const send = h("button", { class: "btn small", on: { click: test } }, words.sendTest);
  const frame = createFrame(words.sections.notifications, { owner, action: send });
  const outcome = h("p", { class: "note", role: "status", hidden: true });
  const example = h("div", { class: "dim" });
  let settings = null,
    lastWish = Promise.resolve();

  const switches = new Map(
    [...SWITCHES, "sound"].map((key) => [
      key,
      toggle({ label: words.switches[key][0], on: false, turn: (on) => change({ [key]: on }) }),
    ]),
  );
  const quietSwitches = new Map(
    [
      ["enabled", words.quietHours],
      ["let_exceeded_through", words.letThrough],
    ].map(([key, label]) => [key, toggle({ label, on: false, turn: (on) => changeQuiet({ [key]: on }) })]),
  );
  const times = new Map(
    [
      ["from", words.quietFrom],
      ["to", words.quietTo],
    ].map(([key, label]) => [key, select({ label, options: [], choose: (time) => changeQuiet({ [key]: time }) })]),
  );
  const zone = h("p", {});
  const patience = select({
    label: words.patience,
    options: [],
    choose: (seconds) => put(() => ({ ask_seconds: Number(seconds) })),
  });

  frame.node.append(
    outcome,
    card(SWITCHES.map((key) => option(...words.switches[key], switches.get(key).node))),
    card(
      h(
        "div",
        { class: "opt" },
        h("div", {}, words.quietHours, zone),
        h(
          "div",
          { class: "pair" },
          times.get("from").node,
          h("span", { class: "faint" }, words.to),
          times.get("to").node,
          quietSwitches.get("enabled").node,
        ),
      ),
      option(
        words.letThrough,
        words.letThroughHint,
        quietSwitches.get("let_exceeded_through").node,
      ),
      option(...words.switches.sound, switches.get("sound").node),
    ),
    card(
      option(
        words.patience,
        words.patienceHint,
        patience.node,
      ),
    ),
    h(
      "div",
      { class: "card padded example" },
      h("p", { class: "small faint" }, words.example),
      h(
        "div",
        { class: "note-like" },
        h("img", { src: "icon.svg", width: 36, height: 36, alt: "" }),
        h(
          "div",
          {},
          h("strong", {}, words.exampleTitle),
          example,
        ),
      ),
    ),
  );

  /** Sends what `changes()` says once the wish before it has been answered: each starts from what holds then. */
  function put(changes) {
    lastWish = lastWish.then(async () => {
      const answer = await frame.run(() => api.putSettings(changes()), words.mayChange);
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
    const answer = await frame.run(api.testNotification, words.maySend);
    set(send, "disabled", false);
    if (!answer) return;
    const off = settings && !settings.notifications.enabled ? words.offHint : "";
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
    text(zone, words.quietHoursHint(settings.time_zone));
    text(example, words.exampleText(inDollars(() => total(6.4)), inDollars(() => total(8))));
    patience.offer(
      offered(PATIENCE_S, settings.ask_seconds, words.seconds),
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
