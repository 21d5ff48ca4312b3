// What is said of the currency that amounts are shown in. Part of the words (words.js), from where it is used.
import { civil, rateOf } from "../format.js";

export const label = "Show amounts in";
export const hint =
  "By a rate you type; Spendlight asks nobody for one. Budgets are kept in US dollars, and limits are set in them.";
export const code = "Currency";
export const rate = "What a dollar is worth";
export const since = "Day of the rate";
export const DOLLARS = "USD";
export const OFFERED = ["USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD", "BRL", "KRW", "MXN", "PLN", "SEK"];
export const equals = "$1 =";
export const sinceHint = "Since, like 2026-11-01";
export const wrongRate = "A number above 0, like 0.92.";
export const wrongDay = "A day like 2026-11-01, or nothing for today.";

/** What the amounts with a sign before them are: at which rate, since when, and what is not among them. */
export const approximate = (currency) =>
  `Amounts with ≈ are worked out at ${rateOf(currency)} a dollar, the rate of ${civil(currency.since)}. ` +
  "Budgets are kept in US dollars: sentences, the chart and exact figures are told in them.";
