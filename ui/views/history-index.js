// Where everything in the history stands, though only what is looked at is ever loaded: from the days and how many calls
// each has, every row's place is known. Pure: no page, no request.

export const ROW_PX = 30;
/** What an element may be high in the engines we run in; beyond it lies what an earlier time is chosen for. */
export const HEIGHT_MAX_PX = 30_000_000;
/** Calls that are fetched together. */
export const PAGE = 100;

/** `found`: the days that have calls, newest first, as the server tells them. */
export function createIndex(found = []) {
  const days = [];
  let top = 0;
  for (const day of found) {
    if (top + ROW_PX * (day.entries + 1) > HEIGHT_MAX_PX) break;
    days.push({ ...day, top });
    top += ROW_PX * (day.entries + 1);
  }
  const height = top;

  /** The day that covers a height, by halving. */
  function dayAt(px) {
    let low = 0,
      high = days.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (days[middle].top <= px) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  return {
    days,
    height,
    isCut: days.length < found.length,
    entries: days.reduce((sum, day) => sum + day.entries, 0),
    /** What stands between two heights: [{day, row}], where row −1 is the day's heading. */
    slice(from, to) {
      const rows = [];
      if (!days.length) return rows;
      let at = dayAt(from);
      let row = Math.min(Math.floor((from - days[at].top) / ROW_PX) - 1, days[at].entries);
      row = Math.max(-1, row);
      while (at < days.length) {
        const day = days[at];
        if (row >= day.entries) {
          at += 1;
          row = -1;
          continue;
        }
        if (day.top + ROW_PX * (row + 1) >= to) break;
        rows.push({ day, row });
        row += 1;
      }
      return rows;
    },
    topOf: (day, row) => day.top + ROW_PX * (row + 1),
    /** The call `steps` calls further on from {day, row}, as far as there are any; headings are passed over. */
    step(place, steps) {
      let at = place ? days.findIndex((day) => day.start === place.day.start) : 0;
      if (at < 0 || !days.length) return null;
      let row = place ? place.row + steps : Math.max(0, steps - 1);
      while (row < 0 && at > 0) row += days[(at -= 1)].entries;
      while (row >= days[at].entries && at < days.length - 1) row -= days[at++].entries;
      return { day: days[at], row: Math.min(Math.max(row, 0), days[at].entries - 1) };
    },
  };
}

/** The days of an answer put in the place of those they tell anew: everything from `from` on. */
export function replaced(days, newer, from) {
  return [...newer, ...days.filter((day) => Date.parse(day.start) < from)];
}
