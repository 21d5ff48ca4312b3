// The only formatter: every number and time a person reads goes through here, so that two places never disagree.
// Digits follow the language of the pages ("en-US"), because sentences made elsewhere stand beside them; times follow
// the user's locale and the ledger's time zone. Not here: words for levels, windows and scopes (words.js), and
// anything that touches a page.
import { place } from "./place.js";
import * as words from "./words/numbers.js";

export { configure } from "./place.js";
export * from "./time.js";

const made = new Map();

/** Digits with `least` to `most` decimals; a formatter is dear to make and cheap to use, so each is made once. */
function numeral(value, least, most = least, { grouped = true, locale = place.numbers } = {}) {
  const key = `${locale} ${least} ${most} ${grouped}`;
  if (!made.has(key)) {
    const decimals = { minimumFractionDigits: least, maximumFractionDigits: most, useGrouping: grouped };
    made.set(key, new Intl.NumberFormat(locale, decimals));
  }
  return made.get(key).format(value);
}

const NBSP = "\u00a0";
const MINUS = "\u2212";
export const DASH = "\u2013";

/* ---- money: dollars arrive as numbers of at most nine decimals, and are rounded as integers ------------------------ */

const nanos = (usd) => BigInt(Number(usd).toFixed(9).replace(".", ""));
const abs = (n) => (n < 0n ? -n : n);
const sign = (n) => (n < 0n ? -1 : n > 0n ? 1 : 0);

function rounded(n, decimals) {
  const unit = 10n ** BigInt(9 - decimals);
  const size = ((abs(n) + unit / 2n) / unit) * unit;
  return n < 0n ? -size : size;
}

function dollars(n, decimals) {
  const text = numeral(Number(abs(n)) / 1e9, decimals);
  return `${n < 0n ? MINUS : ""}$${text}`;
}

/** The fewest decimals at which the rounded value stands on the same side of every mark as the value does. */
function decimalsFor(n, marks) {
  for (const decimals of [2, 4, 5, 6, 7, 8]) {
    const shown = rounded(n, decimals);
    if (marks.every((mark) => sign(shown - mark) === sign(n - mark))) return decimals;
  }
  return 9;
}

/** A total or a limit: $12.40. `marks` are the limits and thresholds it must not be rounded onto or across. */
export function total(usd, marks = []) {
  const n = nanos(usd);
  if (n === 0n) return "$0";
  const decimals = decimalsFor(n, [0n, ...marks.map(nanos)]);
  return dollars(rounded(n, decimals), decimals);
}

/** What one call did cost: $0.0042. */
export function call(usd) {
  const n = nanos(usd);
  if (n === 0n) return "$0";
  if (n > 0n && n < 100_000n) return "<$0.0001";
  const decimals = abs(n) <= 10_000_000_000n ? 4 : 2;
  return dollars(rounded(n, decimals), decimals);
}

/** The most one call can cost: never told as less than it is. */
export function atMost(usd) {
  const n = nanos(usd);
  return call(Number(n <= 10_000_000_000n ? ((n + 99_999n) / 100_000n) * 100_000n : n) / 1e9);
}

/** To the nano-dollar, at least four decimals: $0.0034914. */
export function detail(usd) {
  const n = nanos(usd);
  if (n === 0n) return "$0";
  let decimals = 9;
  while (decimals > 4 && abs(n) % 10n ** BigInt(10 - decimals) === 0n) decimals -= 1;
  return dollars(n, decimals);
}

/** A price for a million tokens: two decimals, more where it has more; a dash where there is none. */
export function price(usd) {
  if (usd === null || usd === undefined) return DASH;
  const n = nanos(usd);
  if (n === 0n) return "$0";
  let decimals = 9;
  while (decimals > 2 && n % 10n ** BigInt(10 - decimals) === 0n) decimals -= 1;
  return dollars(n, decimals);
}

/** A sum that equals the ledger's, to the nano-dollar. */
export function sum(values) {
  return Number(values.reduce((all, usd) => all + nanos(usd), 0n)) / 1e9;
}

/* ---- counts -------------------------------------------------------------------------------------------------------- */

/** Exact and grouped: 12,628. */
export function count(n) {
  return numeral(n, 0);
}

/** 1 call, 1,204 calls. */
export const calls = (n) => words.calls(n, count(n));

/** 1 day, 30 days. */
export const days = (n) => words.days(n, count(n));

/** Exact where nothing is a dash: tokens of one call. */
export const countOrDash = (n) => (n ? count(n) : DASH);

function abbreviated(n, digits, round = Math.round) {
  const steps = [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ];
  for (let i = 0; i < steps.length; i += 1) {
    const [unit, letter] = steps[i];
    if (n < unit) continue;
    const whole = String(Math.floor(n / unit)).length;
    const decimals = Math.max(0, digits - whole);
    const scale = 10 ** decimals;
    const shown = round((n / unit) * scale) / scale;
    if (shown >= 1000 && i > 0) return { value: steps[i - 1][0], text: `1${steps[i - 1][1]}` };
    const text = numeral(shown, 0, decimals, { grouped: false });
    return { value: shown * unit, text: text + letter };
  }
  return { value: n, text: count(n) };
}

/** Three figures, without zeros at the end: 482K, 1.28M, 20.7M. Marks as in `total`. */
export function figures(n, marks = []) {
  if (n < 0)
    return (
      MINUS +
      figures(
        -n,
        marks.map((mark) => -mark),
      )
    );
  for (const digits of [3, 4, 5, 6]) {
    const { value, text } = abbreviated(n, digits);
    if (marks.every((mark) => Math.sign(Math.round(value) - mark) === Math.sign(n - mark))) return text;
  }
  return count(n);
}

const EXACT_BELOW = 100_000;

/** An amount of a budget in its unit, without the unit's word; short counts are exact, as in the sentences. */
export function amount(value, unit, marks = []) {
  if (unit === "usd") return total(value, marks);
  return Math.abs(value) < EXACT_BELOW ? count(value) : figures(value, marks);
}

/** What is left, rounded down: a part that is spent is not left. More decimals only where there would be nothing. */
export function left(value, unit) {
  if (unit !== "usd") return value < EXACT_BELOW ? count(value) : abbreviated(value, 3, Math.floor).text;
  const n = nanos(value);
  const decimals = [2, 4, 5, 6, 7, 8].find((some) => n >= 10n ** BigInt(9 - some)) ?? 9;
  const step = 10n ** BigInt(9 - decimals);
  return n === 0n ? "$0" : dollars((n / step) * step, decimals);
}

/** The same where there is room for two decimals only: a little is told as less than a cent. */
export const least = (value, unit) => (unit === "usd" && value > 0 && value < 0.01 ? "<$0.01" : amount(value, unit));

/**
 * As it stands in a form's field, to the last digit, always with the digits of the pages so that it can be read back.
 */
export function editable(value, unit) {
  return numeral(value, unit === "usd" ? 2 : 0, 9, { locale: "en-US" });
}

/** To the last digit, for the figures behind a meter. */
export const exact = (value, unit) => (unit === "usd" ? detail(value) : count(value));

/** Percent of a limit, rounded down. */
export const percent = (value) => `${count(Math.floor(value))}${NBSP}%`;

/** A share of a whole (0..1), nearest. */
export function share(part) {
  const value = Math.round(part * 100);
  return part > 0 && value === 0 ? `<1${NBSP}%` : `${value}${NBSP}%`;
}

/** A change in percent, nearest, with its sign. */
export function change(value) {
  const whole = Math.round(value);
  return `${whole > 0 ? "+" : whole < 0 ? MINUS : ""}${count(Math.abs(whole))}${NBSP}%`;
}

/** How large a file is. */
export function bytes(n) {
  if (n < 1000) return `${n}${NBSP}${words.bytes}`;
  const [unit, word] = n < 1e6 ? [1e3, "KB"] : n < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  const size = n / unit;
  return `${numeral(size, 0, size < 10 ? 2 : size < 100 ? 1 : 0)}${NBSP}${word}`;
}

export function latency(ms) {
  if (ms === null || ms === undefined) return DASH;
  if (Math.round(ms) < 1000) return `${Math.round(ms)}${NBSP}ms`;
  return `${numeral(ms / 1000, 1)}${NBSP}s`;
}
