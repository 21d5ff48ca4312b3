// How instants read: the clock, days and months, forecasts, how long ago. Part of the formatter (format.js), from
// where it is used. Clocks follow the user's locale, in hours and minutes of the day's 24, and so does whether the day or
// the month comes first; names of days and months are the pages' own language.
import { place } from "./place.js";
import * as words from "./words/times.js";
import { day, parts } from "./zone.js";

const here = (time) => parts(new Date(time), place.zone);
const weekday = (p) => new Date(Date.UTC(p.year, p.month - 1, p.day)).getUTCDay();

const clocks = new Map();

/** A formatter is dear to make and cheap to use: one for each place and precision. */
function time(at, second) {
  const key = `${place.times} ${place.zone} ${second}`;
  if (!clocks.has(key)) {
    const shape = { hour: "2-digit", minute: "2-digit", second, hourCycle: "h23", numberingSystem: "latn" };
    clocks.set(key, new Intl.DateTimeFormat(place.times, { ...shape, timeZone: place.zone }));
  }
  return clocks.get(key).format(new Date(at));
}

export const clock = (at) => time(at);
export const clockSeconds = (at) => time(at, "2-digit");
export const sameDay = (a, b) => day(new Date(a), place.zone) === day(new Date(b), place.zone);

/** 27 Nov, and the year when it is not this one. */
export function date(at, now = Date.now()) {
  const p = here(at);
  return words.date(p, { monthFirst: place.monthFirst, thisYear: here(now).year });
}

/** A day that was written down as such, 2026-11-01, whatever the zone: 1 Nov, and the year when it is not this one. */
export function civil(day, now = Date.now()) {
  const [year, month, date] = day.split("-").map(Number);
  return words.date({ year, month, day: date }, { monthFirst: place.monthFirst, thisYear: here(now).year });
}

export const weekdayName = (at) => words.weekdays[weekday(here(at))];
export const monthYear = (at) => `${words.months[here(at).month - 1]} ${here(at).year}`;
export const dayDate = (at, now) =>
  words.named(words.weekdaysShort[weekday(here(at))], date(at, now), { monthFirst: place.monthFirst });
export function dateTime(at) {
  const p = here(at);
  return `${words.date(p, { monthFirst: place.monthFirst })}, ${clockSeconds(at)}`;
}

/** A day's heading in a list: Today, Sunday 22 November. */
export function dayHeading(at, now = Date.now()) {
  const p = here(at);
  const { monthFirst } = place;
  const whole = words.date(p, { monthFirst, thisYear: here(now).year, months: words.months });
  const name = words.named(weekdayName(at), whole, { monthFirst });
  return sameDay(at, now) ? words.today(name) : name;
}

/** A forecast: to the nearest five minutes today (to the minute where that is already past), else the day. */
export function forecast(at, now = Date.now()) {
  if (!sameDay(at, now)) return date(at, now);
  const step = 300_000;
  const near = Math.round(new Date(at).getTime() / step) * step;
  if (near <= now) return clock(at);
  return clock(sameDay(near, now) ? near : near - step);
}

/** "at 17:20" today, "on 27 Nov" beyond. */
export const when = (at, now = Date.now(), say = clock) =>
  sameDay(at, now) ? words.at(say(at, now)) : words.on(date(at, now));

export function ago(at, now = Date.now()) {
  const seconds = Math.max(0, (new Date(now) - new Date(at)) / 1000);
  if (seconds < 60) return words.now;
  if (seconds < 3600) return words.minutesAgo(Math.floor(seconds / 60));
  return sameDay(at, now) ? clock(at) : date(at, now);
}
