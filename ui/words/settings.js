// What the settings say that no section of its own says: their frame, what is general, and notifications. Part of the
// words (words.js), from where it is used.
import { calls } from "../format.js";

export const title = "Settings";
export const sections = {
  budgets: "Budgets",
  notifications: "Notifications",
  prices: "Prices",
  keys: "Keys",
  connection: "Connection",
  data: "Data",
  general: "General",
};
export const lookOnly = "You can look but not change anything: this page does not have the owner's token yet.";
export const enterToken = "Enter the token…";
export const save = "Save";
export const cancel = "Cancel";
export const mayChange = "change settings";

/* ---- general ------------------------------------------------------------------------------------------------------- */

export const appearance = "Appearance";
export const themes = { system: "System", light: "Light", dark: "Dark" };
export const dayStarts = "Day starts in";
export const dayStartsHint = "Every budget follows this zone unless it names its own.";
export const noZone = "A name like Europe/Berlin or UTC, or nothing for this machine's own.";
export const machineZone = "this machine's";
export const machineZoneIs = (zone) => `${zone}, this machine's`;
export const atLogin = "Start at login";
export const atLoginHint = "With its tray, when you log in to this machine.";
export const startHidden = "Start in the tray";
export const startHiddenHint =
  "The window stays closed until you open it from there. Started a second time, Spendlight shows the window of the first.";
export const noTray = "This Spendlight runs without a tray, and nothing starts it at login.";
export const ledger = "Ledger";
export const copyPath = "Copy path";
export const about = (version, entries) =>
  `Spendlight ${version} · ${calls(entries)} on record · no account, no telemetry`;

/* ---- notifications ------------------------------------------------------------------------------------------------- */

export const sendTest = "Send a test";
export const maySend = "send a notification";
export const offHint = " Alerts send none while desktop notifications are off.";
/** What may speak up: [its name, what it means]. */
export const switches = {
  enabled: ["Desktop notifications", "One for each threshold, window and limit. Never repeated."],
  warning: [
    "Warning",
    "At 80 %, unless a budget has other thresholds. Off leaves the alert in the list and the tray icon changed.",
  ],
  critical: ["Critical", "At 95 %: the last threshold before the limit."],
  exceeded: ["Exceeded", "At 100 %; says whether calls are denied and until when."],
  forecast: ["Forecast", "Once a window, when a limit will be reached more than an hour early."],
  sound: ["Sound", "For critical and exceeded."],
};
export const quietHours = "Quiet hours";
export const quietHoursHint = (zone) =>
  `Alerts wait in the list and come as one when they end. Times are those of ${zone}.`;
export const quietFrom = "Quiet hours begin at";
export const quietTo = "Quiet hours end at";
export const to = "to";
export const letThrough = "Exceeded goes through quiet hours";
export const letThroughHint = "Off has it wait like the others.";
export const patience = "How long a call waits for your answer";
export const patienceHint =
  "Where a budget asks, in quiet hours too. This window asks as well; without an answer the call is denied.";
export const seconds = (n) => `${n} s`;
export const example = "What a warning looks like";
export const exampleTitle = "Gemini this month is at 80\u00a0%";
export const exampleText = (used, limit) => `${used} of ${limit} spent. At this pace it is full on 27 Nov.`;
