// What may speak up on the desktop. Switches act at once; the alert itself is always kept in the list.
import * as api from "../../api.js";
import { h } from "../../dom.js";
import { toggle } from "../controls.js";
import { createFrame } from "./frame.js";

const SWITCHES = [
  ["enabled", "Desktop notifications", "One for each threshold, window and limit. Never repeated."],
  ["warning", "Warning", "Off leaves the alert in the list and the tray icon changed."],
  ["critical", "Critical", "When the last threshold before the limit is passed."],
  ["exceeded", "Exceeded", "When the limit is reached; says whether calls are denied and until when."],
];

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
  let current = {};

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
    async show() {
      const settings = await frame.read(api.settings);
      if (!settings) return;
      current = settings.notifications;
      for (const [key, one] of switches) one.show(Boolean(current[key]));
    },
  };
}
