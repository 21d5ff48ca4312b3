// Calendar arithmetic in a named time zone, over Intl. Pure: whoever asks brings the instant.
// Not here: how a time reads (format.js).

const formats = new Map();

function format(zone) {
  const key = zone || "";
  if (!formats.has(key)) {
    formats.set(
      key,
      new Intl.DateTimeFormat("en-US", {
        timeZone: zone || undefined,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      }),
    );
  }
  return formats.get(key);
}

/** The zone if this machine knows it, else undefined (the machine's own). */
export function known(zone) {
  try {
    format(zone);
    return zone || undefined;
  } catch {
    return undefined;
  }
}

/** {year, month (1–12), day, hour, minute, second} of an instant in a zone. */
export function parts(instant, zone) {
  const out = {};
  for (const part of format(zone).formatToParts(instant)) {
    if (part.type !== "literal") out[part.type] = Number(part.value);
  }
  return out;
}

/** "2026-11-22": equal for two instants of one day in that zone. */
export function day(instant, zone) {
  const p = parts(instant, zone);
  return `${p.year}-${String(p.month).padStart(2, "0")}-${String(p.day).padStart(2, "0")}`;
}

function offset_ms(instant, zone) {
  const p = parts(instant, zone);
  const as_utc = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
  return as_utc - Math.floor(instant.getTime() / 1000) * 1000;
}

/** The instant at which a day of the calendar begins in a zone; also right where days are not 24 hours long. */
function midnight(year, month, day, zone) {
  const wall = Date.UTC(year, month - 1, day);
  const guess = new Date(wall - offset_ms(new Date(wall), zone));
  return new Date(wall - offset_ms(guess, zone));
}

/** The midnight `days` days on from the day of an instant: 0 is when that day began. */
export function midnightFrom(instant, zone, days) {
  const p = parts(instant, zone);
  return midnight(p.year, p.month, p.day + days, zone);
}

/** The next midnight after an instant in a zone. */
export const nextMidnight = (instant, zone) => midnightFrom(instant, zone, 1);

/** The Monday on which the next week begins. */
export function nextWeek(instant, zone) {
  const p = parts(instant, zone);
  const weekday = new Date(Date.UTC(p.year, p.month - 1, p.day)).getUTCDay() || 7;
  return midnightFrom(instant, zone, 8 - weekday);
}

/** When the month of an instant began, or the one `months` on. */
export function monthFrom(instant, zone, months = 0) {
  const p = parts(instant, zone);
  return midnight(p.year, p.month + months, 1, zone);
}

/** The midnight at which "2026-11-22" begins, or the day `days` on; null for what is no date. */
export function dateFrom(text, zone, days = 0) {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  return found ? midnight(Number(found[1]), Number(found[2]), Number(found[3]) + days, zone) : null;
}

/** Every zone this machine knows, for a list of suggestions. */
export function all() {
  return Intl.supportedValuesOf ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : ["UTC"];
}
