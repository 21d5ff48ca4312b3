// The spans of time that the history is narrowed to: the usual ones by name, and any two days. Pure: whoever asks brings
// the instant and the zone.
import { dateFrom, midnightFrom, monthFrom } from "../zone.js";

export const SPANS = ["", "today", "yesterday", "7d", "30d", "month", "last-month", "days"];

const BEGINS = {
  today: (now, zone) => [midnightFrom(now, zone, 0)],
  yesterday: (now, zone) => [midnightFrom(now, zone, -1), midnightFrom(now, zone, 0)],
  "7d": (now, zone) => [midnightFrom(now, zone, -6)],
  "30d": (now, zone) => [midnightFrom(now, zone, -29)],
  month: (now, zone) => [monthFrom(now, zone)],
  "last-month": (now, zone) => [monthFrom(now, zone, -1), monthFrom(now, zone)],
};

/** A chosen span as {from, to} for the ledger; `first` and `last` are the two days of a span of one's own, both in it. */
export function bounds({ span, first = "", last = "" }, now, zone) {
  const [from = null, to = null] =
    span === "days" ? [dateFrom(first, zone), dateFrom(last, zone, 1)] : (BEGINS[span]?.(now, zone) ?? []);
  return { from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
}
