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

export const today = (day) => `Today, ${day}`;
/** "at 17:20", "on 27 Nov". */
export const at = (clock) => `at ${clock}`;
export const on = (date) => `on ${date}`;
export const now = "now";
export const minutesAgo = (minutes) => `${minutes} min ago`;
