// What the section on budgets says, and its form. Part of the words (words.js), from where it is used.

export const title = "Budgets";
export const add = "Add budget";
export const none =
  "No budgets yet: every call is allowed and counted. Add one to be told, or to be held, when it is enough.";
export const enabled = (name) => `${name} enabled`;
export const off = "off";
/** A budget's line: its window, what it does, and the limit it is raised to. */
export const line = (window, does, raised) => `${window}, ${does}${raised ? `, raised to ${raised}` : ""}`;
export const may = { change: "change budgets", delete: "delete budgets" };

/* ---- the form ------------------------------------------------------------------------------------------------------ */

export const edit = (name) => `Edit ${name}`;
export const fresh = "New budget";
export const startFrom = "Start from";
export const templates = {
  "dollar-day": (limit) => `${limit} a day`,
  "dollars-month": (limit) => `${limit} a month`,
  "tokens-day": (limit, buffer) => `${limit} tokens a day, keeping ${buffer} back`,
  "tokens-month": (limit) => `${limit} tokens a month`,
  "tokens-minute": (limit) => `${limit} tokens a minute`,
};
export const unit = "Unit";
export const window = "Window";
export const whenReached = "When it is reached";
export const actions = { block: "Block", ask: "Ask me", warn: "Warn only" };
export const limit = "Limit";
export const appliesTo = "Applies to";
export const parts = { provider: "Provider", model: "Model", project: "Project", user: "User", key: "Key" };
export const everyPart = {
  provider: "every provider",
  model: "every model",
  project: "every project",
  user: "every user",
  key: "with or without",
};
export const buffer = "Keep back";
export const thresholds = "Alert at";
export const timeZone = "Time zone";
export const name = "Name";
export const save = "Save";
export const cancel = "Cancel";
export const askDelete = "Delete…";
export const reallyDelete = (budget) =>
  `Delete ${budget}? Its calls stay in the ledger; they are no longer held to this limit.`;
export const keep = "Keep it";
export const remove = "Delete";

export const raiseOnceTo = "Raise once to";
export const raisedTo = "Raised to";
export const raiseEnds = "When the raise ends";
export const untils = { day: "until midnight", week: "until the week ends", month: "until the month ends" };
export const until = (when) => `until ${when}`;
export const change = "Change";
export const raise = "Raise";
export const takeBack = "Take back";

/* ---- what is wrong with it ----------------------------------------------------------------------------------------- */

/** The amounts of the form, as sentences about them begin. */
export const amounts = { limit: "The limit", buffer: "What is kept back", raised: "The raised limit" };
export const wrong = {
  missing: (what) => `${what} is missing.`,
  negative: (what) => `${what} is not less than zero.`,
  noNumber: (what, example) => `${what} is a number, like ${example}.`,
  notWhole: (what, unitOf) => `${what} is a whole number of ${unitOf}.`,
  decimals: (what) => `${what} has at most nine decimals.`,
  zero: "The limit is more than zero. To deny every call, pause.",
  bufferTooLarge: "Less than the limit can be kept back.",
  noThreshold: "At least one threshold, like 80, 95.",
  threshold: "Whole percents from 1 to 99, like 80, 95. 100 always speaks.",
  thresholds: "At most ten thresholds.",
  sameThreshold: "Each threshold once.",
  zone: "A name like Europe/Berlin or UTC.",
  window: "Choose a window.",
  name: "A name has at most 200 letters.",
  raise: (limitOf) => `More than the limit of ${limitOf}.`,
};
