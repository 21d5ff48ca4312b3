// The words that numbers are told with. Part of the words (words.js); the formatter (format.js) gives each its digits.

/** 1 call, 1,204 calls. */
export const calls = (n, digits) => `${digits} ${n === 1 ? "call" : "calls"}`;
/** 1 day, 30 days. */
export const days = (n, digits) => `${digits} ${n === 1 ? "day" : "days"}`;
export const bytes = "bytes";
