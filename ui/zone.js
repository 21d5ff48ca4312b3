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

/** The next midnight after an instant in a zone; also right on the two days a year that are not 24 hours long. */
export function nextMidnight(instant, zone) {
  const p = parts(instant, zone);
  const wall = Date.UTC(p.year, p.month - 1, p.day + 1);
  let guess = new Date(wall - offset_ms(instant, zone));
  guess = new Date(wall - offset_ms(guess, zone));
  return guess;
}

/** Every zone this machine knows, for a list of suggestions. */
export function all() {
  return Intl.supportedValuesOf ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : ["UTC"];
}
