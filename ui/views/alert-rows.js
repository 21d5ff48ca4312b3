// The lines of the alerts: a card for each day, a row for each alert, kept in place while their state changes.
import * as api from "../api.js";
import { fill, glyph, h, keyed, set, text } from "../dom.js";
import { clock, when } from "../format.js";
import { level as levelWord } from "../words.js";

const DONE = { acknowledged: "Acknowledged", dismissed: "Dismissed" };

/** Where and when an alert was shown, or why not. */
function delivered(alert, { state, at, until, reason }) {
  if (state === "delivered") return `shown on the desktop${clock(at) === clock(alert.at) ? "" : ` ${when(at)}`}`;
  if (state === "failed" || state === "off") return `not shown on the desktop${reason ? `: ${reason}` : ""}`;
  if (state === "pending") return until ? `waits until quiet hours end ${when(until)}` : "not shown yet";
  return null;
}

function remark(alert) {
  const ways = alert.deliveries.map((delivery) => delivered(alert, delivery));
  return [clock(alert.at), alert.text.replace(/\.$/, ""), ...ways].filter(Boolean).join(" · ");
}

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
      text(remarkNode, fresh ? `${fresh} new` : `${alerts.length} ${alerts.length === 1 ? "alert" : "alerts"}`);
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
  let drawn = "";
  return {
    node,
    update(next) {
      set(node, "class", `alert l-${next.level} ${next.state === "new" ? "is-new" : "is-done"}`);
      text(title, next.title);
      text(about, remark(next));
      if (drawn === next.state) return;
      drawn = next.state;
      fill(
        acts,
        next.state === "new"
          ? [
              h(
                "button",
                { class: "btn small", title: "A", on: { click: () => answer(next.id, api.acknowledge) } },
                "Acknowledge",
              ),
              h(
                "button",
                { class: "btn ghost small", title: "D", on: { click: () => answer(next.id, api.dismiss) } },
                "Dismiss",
              ),
            ]
          : h("span", { class: "small faint" }, DONE[next.state]),
      );
    },
  };
}
