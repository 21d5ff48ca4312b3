// Money: dollars arrive as numbers of at most nine decimals, and are rounded as integers. Where another currency is
// chosen, totals and costs are shown in it, each with a sign that it is not exact; what has to be exact, and what is set
// in dollars, stays in dollars. Part of the formatter (format.js), from where it is used.
import { currency, numeral } from "./digits.js";
import { place } from "./place.js";

const MINUS = "\u2212";
const DASH = "\u2013";
const ABOUT = "\u2248";
const NANOS = 1_000_000_000n;

const nanos = (usd) => BigInt(Number(usd).toFixed(9).replace(".", ""));
const abs = (n) => (n < 0n ? -n : n);
const sign = (n) => (n < 0n ? -1 : n > 0n ? 1 : 0);

/* ---- what amounts are shown in --------------------------------------------------------------------------------------- */

const DOLLARS = { mark: "", sign: "$", decimals: 2, rate: NANOS };

/** How money is written now: {mark, sign, decimals, rate}, the rate in billionths. */
function money() {
  const { currency: chosen } = place;
  if (!chosen || chosen.code === "USD") return DOLLARS;
  return { mark: ABOUT, ...currency(chosen.code), rate: nanos(chosen.rate) };
}

/** Dollars as billionths of what is shown. */
const shown = (usd, { rate }) => (rate === NANOS ? nanos(usd) : (nanos(usd) * rate) / NANOS);

/** Has `say` speak in dollars, whatever amounts are shown in: beside a limit that is set, or an axis that is drawn. */
export function inDollars(say) {
  const { currency: chosen } = place;
  place.currency = null;
  try {
    return say();
  } finally {
    place.currency = chosen;
  }
}

/** An amount of one dollar in what is shown, and no more digits than its rate has: €0.92. Null for dollars. */
export function rateOf(chosen) {
  if (!chosen || chosen.code === "USD") return null;
  return `${currency(chosen.code).sign}${numeral(Number(chosen.rate), 2, 9)}`;
}

/* ---- amounts --------------------------------------------------------------------------------------------------------- */

function rounded(n, decimals) {
  const unit = 10n ** BigInt(9 - decimals);
  const size = ((abs(n) + unit / 2n) / unit) * unit;
  return n < 0n ? -size : size;
}

function written(n, decimals, { mark, sign: symbol } = DOLLARS) {
  return `${mark}${n < 0n ? MINUS : ""}${symbol}${numeral(Number(abs(n)) / 1e9, decimals)}`;
}
const nothing = ({ sign: symbol }) => `${symbol}0`;

/** The numbers of decimals that are tried, fewest first. */
const tried = ({ decimals }) => [decimals, ...[2, 4, 5, 6, 7, 8].filter((more) => more > decimals)];

/** The fewest decimals at which the rounded value stands on the same side of every mark as the value does. */
function decimalsFor(n, marks, how) {
  const honest = (decimals) => {
    const near = rounded(n, decimals);
    return marks.every((mark) => sign(near - mark) === sign(n - mark));
  };
  return tried(how).find(honest) ?? 9;
}

/** A total or a limit: $12.40. `marks` are the limits and thresholds it must not be rounded onto or across. */
export function total(usd, marks = []) {
  const how = money();
  const n = shown(usd, how);
  if (n === 0n) return nothing(how);
  const decimals = decimalsFor(n, [0n, ...marks.map((mark) => shown(mark, how))], how);
  return written(rounded(n, decimals), decimals, how);
}

/** What one call did cost: $0.0042. */
export function call(usd) {
  const how = money();
  const n = shown(usd, how);
  if (n === 0n) return nothing(how);
  if (n > 0n && n < 100_000n) return `<${how.sign}0.0001`;
  const decimals = abs(n) <= 10_000_000_000n ? 4 : how.decimals;
  return written(rounded(n, decimals), decimals, how);
}

/** The most one call can cost: never told as less than it is. */
export function atMost(usd) {
  const how = money();
  const n = shown(usd, how);
  if (n === 0n) return nothing(how);
  const unit = 10n ** BigInt(9 - (n <= 10_000_000_000n ? 4 : how.decimals));
  const decimals = n <= 10_000_000_000n ? 4 : how.decimals;
  return written(((n + unit - 1n) / unit) * unit, decimals, how);
}

/** To the nano-dollar, at least four decimals: $0.0034914. */
export function detail(usd) {
  const n = nanos(usd);
  if (n === 0n) return "$0";
  let decimals = 9;
  while (decimals > 4 && abs(n) % 10n ** BigInt(10 - decimals) === 0n) decimals -= 1;
  return written(n, decimals);
}

/** What has not been rounded yet, to its last digit of fifteen, at least four decimals: $0.000230425. */
export function unrounded(usd) {
  if (usd === 0) return "$0";
  // A double tells fifteen figures faithfully, and no more.
  const value = Number(Number(usd).toPrecision(15));
  const decimals = value.toFixed(15).replace(/0+$/, "").split(".")[1].length;
  return `${value < 0 ? MINUS : ""}$${numeral(Math.abs(value), Math.max(4, decimals))}`;
}

/** A price for a million tokens: two decimals, more where it has more; a dash where there is none. */
export function price(usd) {
  if (usd === null || usd === undefined) return DASH;
  const n = nanos(usd);
  if (n === 0n) return "$0";
  let decimals = 9;
  while (decimals > 2 && n % 10n ** BigInt(10 - decimals) === 0n) decimals -= 1;
  return written(n, decimals);
}

/** What is left, rounded down. More decimals only where there would be nothing. */
export function leftMoney(usd) {
  const how = money();
  const n = shown(usd, how);
  if (n === 0n) return nothing(how);
  const decimals = tried(how).find((some) => n >= 10n ** BigInt(9 - some)) ?? 9;
  const step = 10n ** BigInt(9 - decimals);
  return written((n / step) * step, decimals, how);
}

/** A little is told as less than a cent. */
export function leastMoney(usd) {
  const how = money();
  const n = shown(usd, how);
  return n > 0n && n < 10_000_000n ? `<${how.sign}0.01` : total(usd);
}
