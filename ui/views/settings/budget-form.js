// What a budget's form means: text to budget and back, what is wrong with it in words, and the budgets to start from.
// Pure: no page, no request. The server checks again; this only spares the round trip.
import { count, editable, inDollars, numberIn, total } from "../../format.js";
import { WINDOWS } from "../../kinds.js";
import { budgetName, budgets as words } from "../../words.js";
import { known } from "../../zone.js";

export const TEMPLATES = [
  ["dollar-day", { unit: "usd", window: "day", limit: 1, buffer: 0 }],
  ["dollars-month", { unit: "usd", window: "month", limit: 20, buffer: 0 }],
  ["tokens-day", { unit: "tokens", window: "day", limit: 1_000_000, buffer: 50_000 }],
  ["tokens-month", { unit: "tokens", window: "month", limit: 30_000_000, buffer: 0 }],
  ["tokens-minute", { unit: "tokens", window: "minute", limit: 10_000, buffer: 0 }],
];

/** How an amount that is set is told, always in what it is set in. */
const sayer = (unit) => (unit === "usd" ? (amount) => inDollars(() => total(amount)) : count);

/** As it stands in the field; nothing is just that. */
const kept = (buffer, unit) => (buffer ? editable(buffer, unit) : "0");

/** What a template is called: "$1.00 a day". */
export function templateName(name, { unit, limit, buffer }) {
  const say = sayer(unit);
  return words.templates[name](say(limit), say(buffer));
}

/** A template as the fields of the form. */
export const filled = (template) => ({
  ...template,
  limit: editable(template.limit, template.unit),
  buffer: kept(template.buffer, template.unit),
});

export const SCOPE = ["provider", "model", "project", "user", "key"];

function amount(text, unit, what) {
  if (!text.trim()) return { wrong: words.wrong.missing(what) };
  if (/^\s*[-−]/.test(text)) return { wrong: words.wrong.negative(what) };
  const value = numberIn(text);
  if (Number.isNaN(value)) return { wrong: words.wrong.noNumber(what, editable(unit === "usd" ? 1.5 : 1_000_000, unit)) };
  if (unit !== "usd" && !Number.isInteger(value)) return { wrong: words.wrong.notWhole(what, unit) };
  if (unit === "usd" && Math.abs(value * 1e9 - Math.round(value * 1e9)) > 1e-3)
    return { wrong: words.wrong.decimals(what) };
  return { value };
}

/** A budget as the fields of its form. */
export function fields(budget, zone) {
  const scope = budget?.scope ?? {};
  return {
    name: budget?.name ?? "",
    unit: budget?.unit ?? "usd",
    window: budget?.window ?? "day",
    action: budget?.action ?? "block",
    limit: budget ? editable(budget.limit, budget.unit) : "",
    buffer: budget ? kept(budget.buffer, budget.unit) : "0",
    thresholds: (budget?.thresholds ?? [80, 95]).join(", "),
    time_zone: budget?.time_zone ?? "",
    zone,
    ...Object.fromEntries(SCOPE.map((part) => [part, scope[part] ?? ""])),
  };
}

/** A raise that is over is not sent again. */
const current = (override) => (override && Date.parse(override.until) > Date.now() ? override : null);

/**
 * The fields as a budget, and what is wrong with them: {budget, wrong: {field: sentence}}. `base` keeps what the form
 * does not show.
 */
export function read(form, base = null) {
  const wrong = {};
  const note = (field, what) => {
    if (what) wrong[field] = what;
  };
  const limit = amount(form.limit, form.unit, words.amounts.limit);
  note("limit", limit.wrong ?? (limit.value > 0 ? "" : words.wrong.zero));
  const buffer = form.buffer.trim() ? amount(form.buffer, form.unit, words.amounts.buffer) : { value: 0 };
  note(
    "buffer",
    buffer.wrong ?? (limit.value > 0 && buffer.value >= limit.value ? words.wrong.bufferTooLarge : ""),
  );
  const thresholds = form.thresholds
    .split(/[\s,;%]+/)
    .filter(Boolean)
    .map(Number);
  if (!thresholds.length) note("thresholds", words.wrong.noThreshold);
  else if (thresholds.some((t) => !Number.isInteger(t) || t < 1 || t > 99))
    note("thresholds", words.wrong.threshold);
  else if (thresholds.length > 10) note("thresholds", words.wrong.thresholds);
  else if (new Set(thresholds).size < thresholds.length) note("thresholds", words.wrong.sameThreshold);
  if (form.time_zone.trim() && !known(form.time_zone.trim())) note("time_zone", words.wrong.zone);
  if (!WINDOWS.includes(form.window)) note("window", words.wrong.window);
  const scope = {};
  for (const part of SCOPE) if (form[part].trim()) scope[part] = form[part].trim();
  const name = form.name.trim() || budgetName(scope, form.window);
  if (new TextEncoder().encode(name).length > 200) note("name", words.wrong.name);
  const budget = {
    ...(base?.id ? { id: base.id } : {}),
    name,
    scope,
    window: form.window,
    unit: form.unit,
    limit: limit.value,
    buffer: buffer.value,
    action: form.action,
    thresholds: thresholds.sort((a, b) => a - b),
    time_zone: form.time_zone.trim() || null,
    enabled: base?.enabled ?? true,
    override: current(base?.override),
  };
  return { budget, wrong };
}

/** A stored budget as it is sent back: only what belongs to a budget. */
export function plain(budget) {
  const { id, name, scope, window, unit, limit, buffer, action, thresholds, time_zone, enabled, override } = budget;
  return {
    id,
    name,
    scope,
    window,
    unit,
    limit,
    buffer,
    action,
    thresholds,
    time_zone: time_zone ?? null,
    enabled,
    override: current(override),
  };
}

/** The raised limit, or what is wrong with it. */
export function raised(text, budget) {
  const found = amount(text, budget.unit, words.amounts.raised);
  if (found.wrong) return found;
  return found.value > budget.limit
    ? found
    : { wrong: words.wrong.raise(sayer(budget.unit)(budget.limit)) };
}
