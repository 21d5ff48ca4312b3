// Where the reader is: the locales of digits and clocks, the ledger's time zone, the currency. Told once, used by the formatter
// alone.
import { known } from "./zone.js";

export const place = { numbers: "en-US", times: undefined, monthFirst: false, zone: undefined, currency: null };

/**
 * Tells where the reader is: {numbers, times} are locales, monthFirst is how the system
 * has dates, zone is the ledger's time zone, currency what amounts are
 * shown in.
 */
export function configure(next) {
  if ("zone" in next) next = { ...next, zone: known(next.zone) };
  Object.assign(place, next);
}
