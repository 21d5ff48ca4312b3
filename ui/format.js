// The only formatter: every number and time a person reads goes through here, so that two places never disagree. Its
// parts are digits.js, money.js and time.js.
// Digits follow the locale that the server names, since its sentences stand beside them; times follow the user's locale
// and the ledger's time zone. Not here: words for levels, windows and scopes (words.js), and
// anything that touches a page.
import { numeral } from "./digits.js";
import { detail, leastMoney, leftMoney, total } from "./money.js";
import * as words from "./words/numbers.js";

export { numberIn } from "./digits.js";
export { configure } from "./place.js";
export * from "./money.js";
export * from "./time.js";

const NBSP = "\u00a0";
const MINUS = "\u2212";
export const DASH = "\u2013";

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

/** What is left, rounded down: a part that is spent is not left. */
export function left(value, unit) {
  if (unit === "usd") return leftMoney(value);
  return value < EXACT_BELOW ? count(value) : abbreviated(value, 3, Math.floor).text;
}

/** The same where there is room for two decimals only: a little is told as less than a cent. */
export const least = (value, unit) => (unit === "usd" ? leastMoney(value) : amount(value, unit));

/** As it stands in a form's field, to the last digit; `numberIn` reads it back. */
export function editable(value, unit) {
  return numeral(value, unit === "usd" ? 2 : 0, 9);
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
