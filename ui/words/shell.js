// What is said around every view: the bar, the notes over a view, the state when nobody else can tell it, the question
// for the owner's token, and calls that wait. Part of the words (words.js), from where it is used.

export const app = "Spendlight";
export const titled = (view) => `${view} – Spendlight`;
export const views = { dashboard: "Dashboard", history: "History", alerts: "Alerts", settings: "Settings" };
export const viewsLabel = "Views";
export const skip = "Skip to the page";
export const fresh = (many) => `${many} new`;

export const copyAddress = "Copy the address";
export const connecting = "connecting";
export const copied = "copied";
export const notListening = "not listening";
export const notAnswering = "not answering";
export const pause = "Pause";
export const pauseHint = "Deny every call until you resume";
export const resume = "Resume";
export const resumeHint = "Let calls go again";

export const silent = (clock) =>
  `Spendlight does not answer. What you see is as of ${clock ?? "before"}; it comes back by itself.`;
export const unwritable =
  "The ledger cannot be written, so no call is recorded. See that its disk has room and that you may write to it.";

/* ---- the state ----------------------------------------------------------------------------------------------------- */

export const state = "State";
export const down = "Spendlight does not answer";
/** `clock`: when the figures were true; `again`: whether it is asked again without anybody's doing. */
export const downHint = (clock, again) =>
  "No call is counted until it runs again: open Spendlight, or run spendlight serve." +
  (clock ? ` The figures below are as of ${clock}.` : "") +
  (again ? " It is asked again by itself." : "");
export const connectingTitle = "Connecting";
export const retry = "Try again";
export const raise = "Raise until midnight…";

/* ---- refusals ------------------------------------------------------------------------------------------------------ */

export const answered = (status) => `The server answered ${status}.`;
export const unanswered = "Spendlight does not answer.";
export const noClipboard = "The clipboard cannot be reached.";

/* ---- copying ------------------------------------------------------------------------------------------------------- */

export const copy = "Copy";
export const copiedIt = "Copied";
export const notCopied = "Not copied";

/* ---- the owner's token --------------------------------------------------------------------------------------------- */

export const owner = {
  title: "This needs the owner's token",
  why: (what) => `Any program on this computer may ask and record; only you may ${what}.`,
  /** Around the two commands that stand in it as code. */
  how: ["Run ", " in a terminal and paste what it prints, or open the link that ", " prints."],
  token: "Owner token",
  cancel: "Cancel",
  go: "Continue",
  wrong: "That is not the owner's token.",
};
/** What only the owner may, as it stands in `owner.why`. */
export const may = {
  pause: "pause calls",
  resume: "resume calls",
  listen: "open the port",
  answer: "answer for your calls",
  settings: "change settings",
  everything: "change budgets and settings",
};

/* ---- calls that wait ----------------------------------------------------------------------------------------------- */

export const questions = "Calls that wait for you";
export const allowOnce = "Allow once";
export const raiseTo = (amount) => `Raise to ${amount} until midnight`;
export const deny = "Deny";
export const seconds = (n) => `${n} s`;
