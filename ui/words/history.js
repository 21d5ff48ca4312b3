// What the history says: its filters, its rows and the panel of one call. Part of the words (words.js), from where it is
// used.
import { calls as counted, count } from "../format.js";

export const title = "History";
export const list = "Calls";
export const newestFirst = "Calls, newest first";
export const fresh = (many) => `${count(many)} new ${many === 1 ? "call" : "calls"}`;

/* ---- what the list is narrowed to ---------------------------------------------------------------------------------- */

export const search = "Search calls";
export const time = "Time";
export const firstDay = "First day";
export const lastDay = "Last day";
export const to = "to";
export const provider = "Provider";
export const everyProvider = "Every provider";
export const model = "Model";
export const everyModel = "Every model";
export const project = "Project";
export const everyProject = "Every project";
export const session = "Session";
export const outcome = "Outcome";
/** The outcomes a list is narrowed to, by how they are asked for. */
export const outcomes = { "": "Every outcome", ok: "Went well", failed: "Failed", denied: "Denied", odd: "Needs a look" };
export const source = "Source";
export const everySource = "Every source";
/** The doors that calls come through, by how a list is asked for them. */
export const sources = {
  proxy: "Through the proxy",
  api: "Recorded by a program",
  cli: "Recorded on the command line",
  import: "Imported",
};
export const spans = {
  "": "Any time",
  today: "Today",
  yesterday: "Yesterday",
  "7d": "7 days",
  "30d": "30 days",
  month: "This month",
  "last-month": "Last month",
  days: "From … to …",
};
export const more = "More";
export const clear = "Clear";

/** What is said of a list of calls: that it has none, and how many it has. `calls`: as many as are counted so far. */
export function said({ entries, counting, isCut, isSet, gone = "" }, calls) {
  if (counting && !entries) return { none: "", found: "Counting…" };
  const found = gone.trim();
  if (!entries && isSet) return { none: "No call is like that. Clear the filters to see every call.", found };
  if (!entries && gone) return { none: "No call is kept by itself.", found };
  if (!entries) return { none: "No calls yet. Each call that is recorded becomes a line here.", found };
  const older = isCut ? " Older ones are shown when a time is chosen." : "";
  return { none: "", found: counting ? `${calls} so far` : `${calls}.${older}${gone}`.replace(/\.$/, "") };
}

/* ---- the rows ------------------------------------------------------------------------------------------------------ */

export const columns = {
  time: "Time",
  model: "Model",
  project: "Project",
  in: "In",
  cached: "Cached",
  out: "Out",
  cost: "Cost",
  latency: "Latency",
  source: "Source",
  status: "Status",
};
export const ok = "ok";
export const fetchedAgain = "Fetched again";
export const fetchedAgainHint = "Fetched again, not counted";

/** What a day came to: only what counts is a call of it. */
export function tally({ entries, calls }) {
  const others = entries - calls;
  const words = [calls || !others ? counted(calls) : "", others ? `${count(others)} not counted` : ""];
  return words.filter(Boolean).join(", ");
}

/* ---- one call ------------------------------------------------------------------------------------------------------ */

export const details = "Call details";
export const close = "Close";
export const denied = "Denied";
export const notCounted = "Not counted";
export const tokens = "Tokens";
export const total = "Total";
export const reasoning = (many) => `of which ${count(many)} reasoning`;
export const kinds = {
  input: "Input",
  cache_read: "Cached input",
  cache_write: "Cache writes",
  output: "Output",
};

const PRICED = {
  catalog: "Priced from the price list",
  override: "Priced by your own price",
  caller: "Cost told by the caller",
  unknown: "No price known, counted high",
};

/** How a call's cost came about. */
export function costWords(entry, isDenied) {
  if (isDenied) return "It did not go to its provider, and counts nowhere";
  if (entry.counted === false) return "It was counted when it was first given";
  return PRICED[entry.priced] ?? entry.priced;
}

const USAGE = { reported: "reported by the provider", estimated: "estimated from the request" };
export const usage = (id) => USAGE[id] ?? id;

/** What a call has, by the name that it has in the ledger. */
export const facts = {
  at: "Time",
  provider: "Provider",
  result: "Result",
  error: "Error",
  project: "Project",
  session: "Session",
  user: "User",
  operation: "Operation",
  key: "Key",
  tags: "Tags",
  latency: "Latency",
  source: "Source",
  usage: "Usage",
  tokens: "Tokens",
  tier: "Service tier",
  call_id: "Call ID",
};
const ONLY = { project: "Show only calls of this project", session: "Show only calls of this session" };
export const only = (name) => ONLY[name];
export const copyJson = "Copy as JSON";
export const copyId = "Call ID";
