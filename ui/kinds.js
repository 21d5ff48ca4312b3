// The kinds of things that the pages tell apart: which providers have a colour, which level is the worst, how a call
// ended. Ids and classes for programs alone. Not here: how any of them is called (words.js).

/** Those with a colour of their own. */
export const KNOWN_PROVIDERS = ["openai", "gemini", "anthropic", "groq", "mistral", "openrouter", "cerebras", "deepseek"];

/** The class that gives a swatch or a meter its provider's colour. */
export const providerClass = (id) => (KNOWN_PROVIDERS.includes(id) ? `p-${id}` : "p-other");

const LEVELS = ["ok", "warning", "critical", "exceeded"];
export const worst = (levels) => levels.reduce((a, b) => (LEVELS.indexOf(b) > LEVELS.indexOf(a) ? b : a), "ok");

export const WINDOWS = ["minute", "hour", "day", "week", "month", "total"];

/**
 * What a call was denied for, [reason, the budget's id]; null for one that was not. Only what we deny is not counted.
 */
export function denial(entry) {
  if (entry.ok || entry.counted !== false) return null;
  return /^denied: (.+?)(?: by (.+))?$/.exec(entry.error ?? "")?.slice(1) ?? null;
}

/** How a call ended, as the ledger's filter spells it: ok, failed, denied. */
export const outcomeKind = (entry) => (entry.ok ? "ok" : denial(entry) ? "denied" : "failed");

/** Whether somebody should look at an entry: it failed or was denied, or its cost is not sure. */
export const isOdd = (entry) => !entry.ok || entry.priced === "unknown" || entry.usage_source === "estimated";

/** Whether an entry tells of an answer that its provider had kept and gave out once more. */
export const fetchedAgain = (entry) => Boolean(entry.ok) && entry.counted === false;
