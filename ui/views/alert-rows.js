// The lines of the alerts: a card for each day, a row for each alert, kept in place while their state changes.
import * as api from "../api.js";
import { fill, glyph, h, keyed, set, text } from "../dom.js";
import { alerts as words, level as levelWord } from "../words.js";

/** A day's heading and its alerts; `answer(id, request)` is told when one is answered. */
export function createDay(answer) {
  const heading = h("span"),
    remarkNode = h("span", { class: "faint" });
  const list = h("ol", { class: "card" });
  const draw = keyed(
    list,
    (alert) => alert.id,
    (alert) => createAlert(alert, answer),
  );
  return {
    node: h("section", { class: "stack" }, h("div", { class: "group" }, heading, remarkNode), list),
    update({ title, alerts }) {
      text(heading, title);
      const fresh = alerts.filter((alert) => alert.state === "new").length;
      text(remarkNode, words.dayCount(fresh, alerts.length));
      set(list, "aria-label", title);
      draw(alerts);
    },
  };
}

function createAlert(alert, answer) {
  const title = h("strong"),
    about = h("div", { class: "small faint tab" }),
    acts = h("div", { class: "acts" });
  const node = h(
    "li",
    { tabindex: "0", "data-id": alert.id },
    glyph(alert.level),
    h("div", {}, h("div", {}, h("span", { class: "vh" }, `${levelWord(alert.level)}: `), title), about),
    acts,
  );
  let drawn = "",
    now = alert;

  function button(label, run, { ghost = false, title = null } = {}) {
    return h("button", { class: `btn small${ghost ? " ghost" : ""}`, title, on: { click: run } }, label);
  }
  const send = (request) => () => answer(now.id, request);

  /** What can be done with it, in place of what could be chosen before. */
  function offer() {
    const open = now.state === "new" || now.state === "snoozed";
    fill(
      acts,
      now.state !== "new" && h("span", { class: "small faint tab" }, words.became(now)),
      open && [
        button(words.acknowledge, send(api.acknowledge), { title: "A" }),
        button(words.snooze, ask, { ghost: true, title: "S" }),
        button(words.dismiss, send(api.dismiss), { ghost: true, title: "D" }),
      ],
    );
  }

  /** How long, asked in the place of the buttons. */
  function ask() {
    const choices = Object.entries(words.snoozes).map(([until, label]) => button(label, send((id) => api.snooze(id, until))));
    fill(acts, choices, button(words.cancel, back, { ghost: true }));
    choices[0].focus();
  }
  function back() {
    offer();
    node.focus();
  }
  acts.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    back();
  });

  return {
    node,
    update(next) {
      now = next;
      set(node, "class", `alert l-${next.level} ${next.state === "new" ? "is-new" : "is-done"}`);
      text(title, next.title);
      text(about, words.remark(next));
      const shape = [next.state, next.snoozed_until, next.answered_at].join();
      if (drawn === shape) return;
      drawn = shape;
      offer();
    },
  };
}
