// What the dashboard says: cards and their meters, the chart, the table beneath it, calls and figures, and what stands
// there before the first call. Part of the words (words.js), from where it is used.
import * as format from "../format.js";

/* ---- budgets ------------------------------------------------------------------------------------------------------- */

export const budgets = "Budgets";
export const anotherBudget = "Another budget";
export const anythingElse = "Anything else to watch?";
export const addBudget = "Add budget";
export const asOf = (clock) => `as of ${clock}`;
export const today = "Today";
export const noDailyLimit = "no daily limit";
export const setDailyLimit = "Set a daily limit";

/** A meter: "of $1.00", "$0.29 left", "$0.06 reserved". Amounts come as they are written. */
export const ofLimit = (limit) => `of ${limit}`;
export const left = (amount) => `${amount} left`;
export const over = (amount) => `${amount} over`;
export const reserved = (amount) => `${amount} reserved`;
export const restReserved = "Rest reserved";

/** How a window will end, on the card; and, `spoken`, in the sentence that a meter is read as. */
export const fullThisMinute = "full this minute";
export const full = (at) => `full ${at}`;
export const fullOn = (date) => `full on ${date}`;
export const freeAt = (clock) => `free at ${clock}`;
export const freeOn = (date) => `free on ${date}`;
export const endsAt = (amount) => `ends at ${amount}`;
export const about = (end) => end.replace(" at ", " at about ");
export const usedOf = (used, limit) => `${used} of ${limit}`;
export const percent = (n) => `${n} percent`;

export const exactly = {
  used: "Used",
  reserved: "Reserved",
  over: "Over",
  left: "Left",
  buffer: "Kept back",
  pace: "Even pace now",
  rate: "At this rate",
};
export const raisedUntil = (when) => `Raised until ${when}`;

/* ---- the chart ----------------------------------------------------------------------------------------------------- */

export const spendOverTime = "Spend over time";
export const range = "Range";
export const ranges = { today: "Today", month: "Month", "30d": "30 days", "12m": "12 months" };
export const unit = "Unit";
export const units = { usd: "$", tokens: "Tokens" };
export const groupedBy = "Grouped by";
export const bys = { provider: "By provider", model: "By model", project: "By project", session: "By session" };
export const toCome = "Still to come";
export const evenSpending = "Even spending";
export const notAttributed = "Not attributed";
export const other = "Other";
export const asTable = "Show as table";
export const chartAsTable = "The chart as a table";
export const projected = "Projected";
export const calls = "Calls";
export const when = "When";
export const total = "Total";

/** A column of the chart, read aloud: [name, what it came to, what is still to come, how many calls, its groups]. */
export function column({ name, total: sum, projected: more, calls: many, groups }) {
  return `${name}: ${sum}${more ? `, ${more} projected` : ""}, ${many}. ${groups.join(", ")}`;
}

/* ---- the breakdown ------------------------------------------------------------------------------------------------- */

export const breakdown = "Breakdown";
export const breakDownBy = "Break down by";
export const kinds = { model: "Model", project: "Project", provider: "Provider", session: "Session" };
export const tops = { model: "Top models", project: "Top projects", provider: "Top providers", session: "Top sessions" };
const FIRST = { usd: "dearest first", tokens: "most tokens first" };
/** "November, dearest first" */
export const ordered = (period, unit) => `${period}, ${FIRST[unit]}`;
export const noneYet = "No calls in this time yet.";
/** What is not told apart any more: "1,204 others". */
export const others = (many) => `${format.count(many)} ${many === 1 ? "other" : "others"}`;
export const columns = { calls: "Calls", in: "In", out: "Out", cached: "Cached", cost: "Cost", share: "Share" };
export const fewer = "Show fewer";
export const all = (many) => `Show ${format.count(many)}`;

/* ---- recent calls -------------------------------------------------------------------------------------------------- */

export const recent = "Recent calls";
export const noneRecent = "The calls appear here as they happen.";
export const inFlight = "in flight";
export const manyInFlight = (many) => `${format.count(many)} in flight`;
export const fetchedAgain = "fetched again, not counted";
/** What a row says of its call when it is pointed at. */
export const told = (provider, model, what) => `${provider}, ${model}: ${what}`;

/* ---- figures ------------------------------------------------------------------------------------------------------- */

export const figures = "Figures";
export const terms = {
  today: "Today so far",
  yesterday: "Yesterday",
  peak_day: "Peak day",
  peak_hour: "Peak hour",
  projected: "Month, projected",
  week: "Last 7 days",
  price: "A million tokens",
  success: "Calls that worked",
  lifetime: "Lifetime",
};
export const manyCalls = (figure) => `${figure} calls`;
export const onYesterday = (change) => `${change} on yesterday`;
export const hourOf = (date, clock) => `${date}, ${clock}`;
export const onTheWeekBefore = "on the 7 before";
export const input = (share) => `${share} input`;
export const median = (latency) => `${latency} median`;
export const answeredWithin = (latency) => `95 % of calls answer within ${latency}`;

/* ---- before the first call ----------------------------------------------------------------------------------------- */

export const waiting = "Waiting for the first call";
export const waitingHint = "Point one variable at Spendlight and run a script you already have.";
export const terminal = "In your terminal";
export const provider = "Provider";
export const ways = {
  connection: {
    title: "From code, or another provider",
    hint: "Every provider's base URL, snippets, and a command with a cap.",
    act: "Show the connection",
  },
  without: {
    title: "Without a proxy",
    hint: "Ask before a call and tell Spendlight after it: two requests from any language.",
    act: "Show the snippets",
  },
  budgets: {
    title: "Your limits",
    hint: "By the day, the month or the minute; in dollars, tokens or requests.",
    act: "Set the budgets",
  },
};
