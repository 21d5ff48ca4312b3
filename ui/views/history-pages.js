// What the history has of the ledger: the days of the filter, told in steps as they are counted, and the few pages of
// calls around what is looked at. However large the ledger is, no more than that is kept. Not here: what is drawn.
import { createIndex, PAGE, replaced } from "./history-index.js";

/** Pages that are kept beside what is looked at; the ones that were looked at longest ago go first. */
const KEPT = 16;

/** `ask`: {days(query), entries(query)}; `changed()` is told whenever there is more to draw. */
export function createPages({ ask, changed, failed }) {
  let index = createIndex(),
    filter = {},
    asOf = null,
    run = 0,
    counting = false,
    gone = null,
    loading = null;
  let pages = new Map(),
    stale = new Map(),
    looked = new Set();
  /** By day, where each page is known to begin: keys into the ledger, so that a page is found without counting. */
  const cursors = new Map();

  /** What was there is shown until what takes its place has come. */
  function forget(former) {
    stale = former;
    pages = new Map();
    cursors.clear();
    loading = null;
  }

  /** Counts the days of a filter, newest first, until all are counted or another filter is asked for. */
  async function count(mine, query, kept) {
    let days = [],
      seen = null,
      to = query.to;
    counting = true;
    try {
      do {
        const answer = await ask.days({ ...query, to, as_of: seen });
        if (mine !== run) return;
        days = [...days, ...answer.days];
        index = createIndex(kept ? replaced(kept.days, days, kept.from) : days);
        if (seen === null) {
          asOf = seen = answer.as_of;
          forget(kept ? pages : new Map());
        }
        to = answer.next_to;
        gone = answer.gone_calls ? answer : null;
        counting = Boolean(to);
        changed();
      } while (to);
    } catch (error) {
      if (mine !== run) return;
      counting = false;
      failed(error);
    }
  }

  const key = (day, page) => `${day.start} ${page}`;

  /** Fetches a page: from where one before it is known to have ended, over what lies between. */
  async function fetchPage(day, page) {
    const mine = run;
    const known = cursors.get(day.start) ?? new Map();
    cursors.set(day.start, known);
    let near = page;
    while (near > 0 && !known.has(near)) near -= 1;
    const skip = (page - near) * PAGE;
    const query = { ...filter, from: day.start, to: day.end, as_of: asOf, limit: PAGE };
    const wanted = (loading = key(day, page));
    try {
      const answer = await ask.entries({ ...query, cursor: known.get(near), skip: skip || null });
      if (mine !== run || loading !== wanted) return;
      if (answer.next_cursor) known.set(page + 1, answer.next_cursor);
      pages.set(wanted, answer.entries);
      for (const name of pages.keys()) {
        if (pages.size <= KEPT) break;
        if (!looked.has(name)) pages.delete(name);
      }
    } catch (error) {
      if (mine !== run) return;
      failed(error);
      return;
    }
    loading = null;
    changed();
  }

  return {
    get index() {
      return index;
    },
    get counting() {
      return counting;
    },
    /** What is known of the calls that are in no list any more, where the list would reach back to them. */
    get gone() {
      return gone && !(filter.from && Date.parse(filter.from) > Date.parse(gone.gone_until)) ? gone : null;
    },
    /** Asks for everything anew. */
    load(next) {
      filter = next;
      asOf = null;
      return count((run += 1), filter, null);
    },
    /** Asks anew for the days from the one that begins at `from` on: what has been recorded since is among them. */
    renew(from) {
      const first = Math.max(from, filter.from ? Date.parse(filter.from) : from);
      const query = { ...filter, from: new Date(first).toISOString() };
      return count((run += 1), query, { days: index.days, from: first });
    },
    /** The call at a place, if it is there yet. */
    entry(day, row) {
      const name = key(day, Math.floor(row / PAGE));
      const page = pages.get(name);
      if (!page) return stale.get(name)?.[row % PAGE] ?? null;
      pages.delete(name);
      pages.set(name, page);
      return page[row % PAGE] ?? null;
    },
    /** Sees to it that what is looked at gets loaded, one page after the other, the first one first. */
    want(places) {
      const calls = places.filter(({ row }) => row >= 0);
      looked = new Set(calls.map(({ day, row }) => key(day, Math.floor(row / PAGE))));
      if (loading !== null) return;
      const missing = calls.find(({ day, row }) => !pages.has(key(day, Math.floor(row / PAGE))));
      if (missing) fetchPage(missing.day, Math.floor(missing.row / PAGE));
    },
  };
}
