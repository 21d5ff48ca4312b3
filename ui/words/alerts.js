// What is said of alerts: their states, what can be done with one, where it was shown and what became of it. Part of the
// words (words.js), from where it is used. Not here: an alert's own title and text, which are made when it is.
import { calls, clock, sameDay, when } from "../format.js";

export const title = "Alerts";
export const stateLabel = "State";
export const states = {
  new: "New",
  snoozed: "Snoozed",
  acknowledged: "Acknowledged",
  dismissed: "Dismissed",
  "": "All",
};
export const budgetLabel = "Budget";
export const everyBudget = "Every budget";
export const acknowledge = "Acknowledge";
export const acknowledgeAll = "Acknowledge all";
export const dismiss = "Dismiss";
export const snooze = "Snooze";
export const cancel = "Cancel";

/** How long an alert is put aside, by what is asked for. */
export const snoozes = { hour: "For an hour", morning: "Until morning" };
export const answering = "answer alerts";
export const today = "Today";

export const none = {
  filtered: ["No alert of this kind", "Choose All, every budget and no level to see every alert."],
  ever: ["No alerts yet", "Spendlight speaks up when a budget passes one of its thresholds, once for each."],
};
export const looked = (limit) => `The last ${limit} were looked at.`;

/** What stands beside a day's heading. */
export const dayCount = (fresh, all) => (fresh ? `${fresh} new` : `${all} ${all === 1 ? "alert" : "alerts"}`);

/** Where and when an alert was shown, or why not; `again` for the times it came back. */
function delivered(alert, { state, at, until, reason }, again) {
  const more = again ? " again" : "";
  const same = !again && sameDay(at, alert.at) && clock(at) === clock(alert.at);
  if (state === "delivered") return `shown${more} on the desktop${same ? "" : ` ${when(at)}`}`;
  if (state === "failed" || state === "off") return `not shown${more} on the desktop${reason ? `: ${reason}` : ""}`;
  if (state === "pending" && alert.state !== "snoozed")
    return until ? `waits until quiet hours end ${when(until)}` : `not shown${more} yet`;
  return null;
}

/** When it came, what it said, what a limit that was reached has denied, and where it was shown. */
export function remark(alert) {
  const ways = alert.deliveries.map((delivery, turn) => delivered(alert, delivery, turn > 0));
  const denied = alert.level === "exceeded" && alert.denied_calls > 0 && `${calls(alert.denied_calls)} denied`;
  return [clock(alert.at), alert.text.replace(/\.$/, ""), denied, ...ways].filter(Boolean).join(" · ");
}

/** "Snoozed until 08:00", "Acknowledged at 14:20": what became of an alert that is not new. */
export function became({ state, snoozed_until: until, answered_at: at }) {
  const word = states[state] ?? state;
  if (state === "snoozed") return `${word} until ${sameDay(until, Date.now()) ? clock(until) : dayAndClock(until)}`;
  return at ? `${word} ${when(at)}` : word;
}

const dayAndClock = (at) => `${when(at).replace(/^on /, "")} ${clock(at)}`;
