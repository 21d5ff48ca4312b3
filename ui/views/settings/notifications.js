// What may speak up on the desktop. Switches act at once; the alert itself is always kept in the list.
import * as api from "../../api.js";
import { h } from "../../dom.js";
import { select, toggle } from "../controls.js";
import { createFrame } from "./frame.js";

const SWITCHES = [
  ["enabled", "Desktop notifications", "One for each threshold, window and limit. Never repeated."],
  ["warning", "Warning", "Off leaves the alert in the list and the tray icon changed."],
  ["critical", "Critical", "When the last threshold before the limit is passed."],
  ["exceeded", "Exceeded", "When the limit is reached; says whether calls are denied and until when."],
];

/** Seconds that are offered; another one that is set is offered too. */
const PATIENCE_S = [10, 20, 30, 45, 60];

export function createNotifications({ owner }) {
  const frame = createFrame("Notifications", { owner });
  const switches = new Map(
    SWITCHES.map(([key, label]) => [key, toggle({ label, on: false, turn: (on) => turn(key, on) })]),
  );
  frame.node.append(
    h(
      "div",
      { class: "card" },
      SWITCHES.map(([key, label, words]) =>
        h("div", { class: "opt" }, h("div", {}, label, h("p", {}, words)), switches.get(key).node),
      ),
    ),
  );
  const patience = select({
    label: "How long a call waits for your answer",
    options: PATIENCE_S.map((seconds) => [String(seconds), `${seconds} s`]),
    choose: wait,
  });
  frame.node.append(
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "opt" },
        h(
          "div",
          {},
          "How long a call waits for your answer",
          h("p", {}, "Where a budget asks. This window asks too; without an answer the call is denied."),
        ),
        patience.node,
      ),
    ),
  );
  let current = {};

  async function wait(seconds) {
    await frame.run(() => api.putSettings({ ask_seconds: Number(seconds) }), "change settings");
    await show();
  }

  async function turn(key, on) {
    const answer = await frame.run(
      () => api.putSettings({ notifications: { ...current, [key]: on } }),
      "change settings",
    );
    if (answer?.notifications) current = answer.notifications;
    else if (answer) current = { ...current, [key]: on };
    return answer;
  }

  return {
    node: frame.node,
    show,
  };

  async function show() {
    const settings = await frame.read(api.settings);
    if (!settings) return;
    current = settings.notifications;
    for (const [key, one] of switches) one.show(Boolean(current[key]));
    const offered = [...new Set([...PATIENCE_S, settings.ask_seconds])].sort((a, b) => a - b);
    patience.offer(
      offered.map((seconds) => [String(seconds), `${seconds} s`]),
      String(settings.ask_seconds),
    );
  }
}
