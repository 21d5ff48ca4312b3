// What the section on the ledger's file says. Part of the words (words.js), from where it is used.
import { bytes, calls, count, date, sameDay, share, total, when } from "../format.js";

export const title = "Data";
export const ledger = "Ledger";
export const copyPath = "Copy path";
export const backups = "Backups";
export const backUpNow = "Back up now";
export const restore = "Restore";
export const restoreHint = "Checks the file first. The ledger it replaces is kept beside it.";
export const backupFile = "Backup to restore";
export const backupFileHint = "/path/to/spendlight-….sqlite3";
export const choose = "Choose…";
export const chooseTitle = "Choose the backup to restore";
export const check = "Check";
export const checking = "Checking…";
export const cancel = "Cancel";
export const restoreAtStart = "Restore at the next start";
export const keepLedger = "Keep the ledger";
export const may = { backUp: "back up the ledger", restore: "restore a backup" };
export const noFile = "Name the file to restore.";

const space = (free) => (free > 100_000 ? `; ${bytes(free)} of it is empty and is filled first` : "");

/** "96,412 calls since 1 Aug 2025, 41 MB; 3 MB of it is empty and is filled first." */
export function holds({ entries, oldest_at: since, bytes: size, free_bytes: free, ...rest }) {
  return `${calls(entries)}${since ? ` since ${date(since)}` : ""}, ${bytes(size)}${space(free)}.${gone(rest)}`;
}

/** "12,000 older calls, up to 31 Jan, are kept as totals." */
export function gone({ gone_calls: n, gone_until: until }) {
  if (!n) return "";
  return ` ${count(n)} older ${n === 1 ? "call is" : "calls are"} kept in totals alone, up to ${date(until)}.`;
}

/** Where a list of single calls ends: " Calls up to 31 Jan are kept in totals alone." */
export const endOfCalls = (gone) => (gone ? ` Calls up to ${date(gone.gone_until)} are kept in totals alone.` : "");

export const retention = "Keep single calls for";
export const KEEP = [
  ["forever", "Ever"],
  ["24_months", "24 months"],
  ["12_months", "12 months"],
  ["6_months", "6 months"],
  ["3_months", "3 months"],
];
export const takeOut = "Take them out";
export const retentionHint =
  "Older ones are taken out day by day. Their totals by hour and day stay for good, so charts, months and budgets stay exact.";

/** What becomes of a choice, before it is made: how many calls go, and what is lost with them. */
export function wouldGo({ entries, oldest_at: oldest, newest_at: newest }) {
  const span = sameDay(oldest, newest) ? `of ${date(oldest)}` : `from ${date(oldest)} to ${date(newest)}`;
  const [they, their] = entries === 1 ? ["it", "Its"] : ["they", "Their"];
  return (
    `${calls(entries)} ${span} would be taken out now. ${their} totals stay; in History, in a search and in an export ` +
    `${they} would be gone. This cannot be undone, but a backup made before has ${they === "it" ? "it" : "them"}.`
  );
}

export const going = ({ entries }) => `${calls(entries)} ${entries === 1 ? "is" : "are"} being taken out. Recording goes on.`;

/** What happens with backups: the one that is being made, else the last one. */
export function lastBackup({ progress, last }) {
  if (progress !== null) return `Backing up, ${share(progress)} done. Recording goes on.`;
  if (!last) return "No backup has been made yet.";
  return `Last backup ${when(last.at)}, ${bytes(last.bytes)}, ${calls(last.entries)}.`;
}

export const schedule = "By schedule";
export const howOften = "How often the ledger is backed up";
export const howMany = "How many of these backups are kept";
export const EVERY = [
  ["never", "Never"],
  ["daily", "Daily"],
  ["weekly", "Weekly"],
];
export const keep = (n) => `Keep ${n}`;

/** What happens without being asked: "The next one is due on 28 Nov. The newest 7 are kept; those you asked for stay." */
export function scheduled({ schedule: { every, keep: kept }, next_at: next }, now = Date.now()) {
  if (every === "never") return "Off: a backup is made when you ask for it.";
  const due = new Date(next) <= now ? "now" : when(next, now);
  const stays = kept === 1 ? "Only the newest is kept" : `The newest ${count(kept)} are kept`;
  return `The next one is due ${due}. ${stays}; those you asked for stay.`;
}

export const keptIn = (folder) => `Kept in ${folder}.`;
export const failedBackup = ({ at, detail }) => `The backup ${when(at)} failed. ${detail}`;

const lacked = (n) => `${count(n)} of the ledger's ${n === 1 ? "calls is" : "calls are"} not in it`;

/** What a file that was checked holds, and what it lacks. */
export function sound({ entries, oldest_at: first, newest_at: last, cost_usd: cost, lacks_entries: lacks }) {
  const span = !first ? "" : sameDay(first, last) ? ` of ${date(first)}` : ` from ${date(first)} to ${date(last)}`;
  const missing =
    lacks === null
      ? "The ledger cannot be read, so nobody knows what is not in it."
      : lacks === 0
        ? "It has every call of the ledger."
        : `${lacked(lacks)}; ${lacks === 1 ? "it stays" : "they stay"} in the ledger that is kept beside it.`;
  return `The file is sound: ${calls(entries)}${span}, ${total(cost)} in all. ${missing}`;
}

/** What the next start will do. */
export const atNextStart = ({ file }) =>
  `${file} takes the ledger's place when Spendlight is started the next time: quit it and start it again. ` +
  "Until then calls are recorded as ever; what is not in the backup stays in the ledger that is kept.";

/** What an earlier start did. */
export function wasRestored({ file, at, kept, lacks_entries: lacks }) {
  const missing = lacks === null || lacks === 0 ? "" : `; ${lacked(lacks)}`;
  return `This ledger is the backup ${file}, restored ${when(at)}${missing}. The ledger before it is ${kept}.`;
}
