// Digits, and what stands for a currency. Part of the formatter (format.js), from where it is used.
import { place } from "./place.js";

const made = new Map();

/** Digits with `least` to `most` decimals; a formatter is dear to make and cheap to use, so each is made once. */
export function numeral(value, least, most = least, { grouped = true, locale = place.numbers } = {}) {
  const key = `${locale} ${least} ${most} ${grouped}`;
  if (!made.has(key)) {
    const decimals = { minimumFractionDigits: least, maximumFractionDigits: most, useGrouping: grouped };
    made.set(key, new Intl.NumberFormat(locale, decimals));
  }
  return made.get(key).format(value);
}

const known = new Map();

/** How a currency is written: its sign (its letters where it has none, with a space) and its usual decimals. */
export function currency(code) {
  if (!known.has(code)) {
    const money = new Intl.NumberFormat(place.numbers, {
      style: "currency",
      currency: code,
      currencyDisplay: "narrowSymbol",
    });
    const sign = money.formatToParts(1).find((part) => part.type === "currency").value;
    const decimals = money.resolvedOptions().maximumFractionDigits;
    known.set(code, { sign: /\p{L}$/u.test(sign) ? `${sign}\u00a0` : sign, decimals });
  }
  return known.get(code);
}
