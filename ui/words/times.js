// The words that times are told with. Part of the words (words.js); the formatter of times (time.js) puts them together.

export const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const monthsShort = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
export const weekdaysShort = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** 27 Nov, or Nov 27 where the month comes first; with the year when it is not this one. */
export function date({ year, month, day }, { monthFirst, thisYear, months: names = monthsShort }) {
  const named = monthFirst ? `${names[month - 1]} ${day}` : `${day} ${names[month - 1]}`;
  return year === thisYear ? named : `${named}${monthFirst ? "," : ""} ${year}`;
}
/** Sunday 22 November, or Sunday, November 22. */
export const named = (weekday, date, { monthFirst }) => `${weekday}${monthFirst ? "," : ""} ${date}`;
export const today = (day) => `Today, ${day}`;
/** "at 17:20", "on 27 Nov". */
export const at = (clock) => `at ${clock}`;
export const on = (date) => `on ${date}`;
export const now = "now";
export const minutesAgo = (minutes) => `${minutes} min ago`;
