// One word for one thing: how providers, levels, windows, units and scopes are called on the pages. With words/ it is
// the catalogue: whatever a page says stands here, as text, a function that makes text of what it is given, or such by
// their ids, as a record or in pairs. Not here: numbers and times (format.js), and sentences about the state, which
// arrive ready-made.
import { denial } from "./kinds.js";
import { months } from "./words/times.js";

export * as alerts from "./words/alerts.js";
export * as budgets from "./words/budgets.js";
export * as connection from "./words/connection.js";
export * as currency from "./words/currency.js";
export * as dashboard from "./words/dashboard.js";
export * as cost from "./words/cost.js";
export * as data from "./words/data.js";
export * as exporting from "./words/exporting.js";
export * as glance from "./words/glance.js";
export * as history from "./words/history.js";
export * as keys from "./words/keys.js";
export * as prices from "./words/prices.js";
export * as settings from "./words/settings.js";
export * as shell from "./words/shell.js";

const PROVIDERS = {
  openai: "OpenAI",
  gemini: "Gemini",
  anthropic: "Anthropic",
  groq: "Groq",
  mistral: "Mistral",
  openrouter: "OpenRouter",
  cerebras: "Cerebras",
  deepseek: "DeepSeek",
  xai: "xAI",
  together: "Together",
  fireworks: "Fireworks",
};

export function provider(id) {
  return PROVIDERS[id] ?? (id || "No provider");
}

const LEVELS = { ok: "OK", warning: "Warning", critical: "Critical", exceeded: "Exceeded", paused: "Paused" };
export const level = (id) => LEVELS[id] ?? id;

const ACTIONS = {
  block: ["blocks", "A call that would go over it is denied."],
  warn: ["warns", "Calls go through, and their answers warn of it."],
  ask: ["asks", "A call that is to be reserved waits while you are asked; any other one is denied."],
};
/** What a budget does when it is reached: "blocks". */
export const does = (action) => ACTIONS[action]?.[0] ?? action;
export const doesInFull = (action) => ACTIONS[action]?.[1] ?? "";

const LAST = "In the last 30 days";
const WOULD = {
  block: (many) => [`${LAST} this limit would have stopped `, many, ""],
  ask: (many) => [`${LAST} this limit would have asked about `, many, ""],
  warn: (many) => [`${LAST} `, many, " would have gone over this limit"],
};

/**
 * What a limit would have done, as [before, how many, after]: "… would have stopped 14 calls on 3 days; the first on
 * 3 Nov." `said` has the numbers as they are written.
 */
export function backtest({ calls, stopped }, action, said) {
  if (!calls) return ["No call of the last 30 days counts in this budget.", "", ""];
  const would = WOULD[action] ?? WOULD.block;
  if (!stopped) {
    const [before, none, after] = would("no call");
    return [`${before}${none}${after}.`, "", ""];
  }
  const [before, many, after] = would(stopped === 1 ? said.calls : `${said.calls} on ${said.days}`);
  return [before, many, `${after}${stopped === 1 ? ", " : "; the first "}${said.first}.`];
}

export const exceededAtOnce = (name, used) => `${name} stands at ${used}, so this limit would be exceeded at once.`;

const WINDOW_NAMES = { minute: "Minute", hour: "Hour", day: "Day", week: "Week", month: "Month", total: "Everything" };
export const windowName = (kind) => WINDOW_NAMES[kind] ?? kind;
const WINDOW_NOW = { minute: "This minute", hour: "This hour", day: "Today", week: "This week", total: "In all" };

/**
 * The window a meter stands in: "Today", "November". The month is read from the window's own date, in the budget's
 * zone.
 */
export function windowNow(window) {
  if (window.kind === "month") return window.start ? months[Number(window.start.slice(5, 7)) - 1] : "This month";
  return WINDOW_NOW[window.kind] ?? window.kind;
}

const WINDOW_SHORT = {
  minute: "this minute",
  hour: "this hour",
  day: "today",
  week: "this week",
  month: "this month",
  total: "in all",
};
const UNITS = { usd: "US dollars", tokens: "Tokens", requests: "Requests" };
export const unitName = (unit) => UNITS[unit] ?? unit;
/** The word after an amount: "of 1M tokens"; dollars carry their sign instead. */
export const unitWord = (unit) => (unit === "usd" ? "" : ` ${unit}`);

/** Whose calls a scope counts, as in the sentences: "OpenAI", "gpt-5-mini in project eval", "All calls". */
export function scope(parts) {
  let words = [parts.provider && provider(parts.provider), parts.model].filter(Boolean).join(" ");
  for (const [first, later, part] of [
    ["Project", "in project", parts.project],
    ["User", "for user", parts.user],
    ["Key", "with key", parts.key],
  ]) {
    if (part) words = words ? `${words} ${later} ${part}` : `${first} ${part}`;
  }
  return words || "All calls";
}

/** What a budget is called when nobody has named it: "OpenAI today". */
export const budgetName = (parts, window) => `${scope(parts)} ${WINDOW_SHORT[window] ?? window}`;

/**
 * How a call ended, in one word, or null when there is nothing to say. "Denied" is ours, "failed" is the provider's.
 */
export function outcome(entry) {
  if (entry.ok) return null;
  if (denial(entry)) return "denied";
  return entry.status ? `failed ${entry.status}` : "failed";
}

const DENIALS = {
  budget_exceeded: "Denied by a budget",
  paused: "Denied while Spendlight was paused",
  price_unknown: "Denied: no price is known for its model",
  key_refused: "Denied: its key is for other models",
  ledger_unwritable: "Denied: the ledger could not be written",
};

/** Who denied a call, "Denied by OpenAI today", as far as its budget is among `standings`; null for any other call. */
export function deniedBy(entry, standings = []) {
  const [why, budget] = denial(entry) ?? [];
  if (!why) return null;
  if (!budget) return DENIALS[why] ?? `Denied: ${why}`;
  const name = standings.find((standing) => standing.budget === budget)?.name;
  return `Denied by ${name ?? `the budget ${budget}`}`;
}

const SOURCES = {
  proxy: "passed through Spendlight",
  api: "recorded by a program",
  cli: "recorded on the command line",
  import: "imported",
};
/** How an entry came to be. */
export const source = (id) => SOURCES[id] ?? id;

/** What one should know about an entry's figures: [word, explanation] pairs. */
export function oddities(entry) {
  const odd = [];
  if (entry.priced === "unknown") odd.push(["Price unknown", "No price is known for what was asked: counted high"]);
  if (entry.usage_source === "estimated")
    odd.push(["Estimated", "The provider reported no usage: counted from the request"]);
  return odd;
}

export const titled = (text) => text.charAt(0).toUpperCase() + text.slice(1);
