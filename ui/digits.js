// Digits, written and read, and what stands for a currency. Part of the formatter (format.js), from where it is used.
import { place } from "./place.js";

const made = new Map();

/** Digits with `least` to `most` decimals; a formatter is dear to make and cheap to use, so each is made once. */
export function numeral(value, least, most = least, { grouped = true } = {}) {
  const key = `${place.numbers} ${least} ${most} ${grouped}`;
  if (!made.has(key)) {
    const decimals = { minimumFractionDigits: least, maximumFractionDigits: most, useGrouping: grouped };
    // The sentences around the numbers are English, whose digits these are.
    made.set(key, new Intl.NumberFormat(place.numbers, { ...decimals, numberingSystem: "latn" }));
  }
  // A narrow space, as French has it, is missing in many fonts; the server does the same (numeral.rs).
  return made.get(key).format(value).replaceAll("\u202f", "\u00a0");
}

const OTHER = { ".": ",", ",": "." };

/**
 * A number as people write it where they are: "1,000,000", "30M", "0.60", and "0,60" too, since no group has two digits
 * or begins with a zero. NaN where it is none.
 */
export function numberIn(text) {
  let clean = text.replace(/[\s_'’$]/g, "");
  if (numeral(0.5, 1).includes(",")) clean = clean.replace(/[.,]/g, (sign) => OTHER[sign]);
  if (/^\d+,\d{1,2}[kmb]?$|^0?,\d+$/i.test(clean)) clean = clean.replace(",", ".");
  const found = /^([1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)([kmb]?)$/i.exec(clean);
  if (!found) return NaN;
  const value = Number(found[1].replaceAll(",", ""));
  return found[2] ? Math.round(value * { k: 1e3, m: 1e6, b: 1e9 }[found[2].toLowerCase()] * 1e9) / 1e9 : value;
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
