// What is said of an export of the ledger's entries. Part of the words (words.js), from where it is used.
import { bytes, calls, count, share } from "../format.js";

export const title = "Export";
export const open = "Export…";
export const everything = "Every call, as a file for a spreadsheet or a script.";
export const format = "Format";
export const formats = { csv: "CSV", ndjson: "NDJSON" };
export const cancel = "Cancel";
export const close = "Close";
export const copyPath = "Copy path";
export const may = "export the ledger";
export const progress = "Progress of the export";

/** The button that begins: "Export 12,034 calls"; how many is not always known. */
export const begin = (entries) => (entries === null ? "Export" : `Export ${calls(entries)}`);

/** "34 %, 4,000 of 12,034" */
export const goesOn = ({ entries, of }) => `${share(of ? entries / of : 0)}, ${count(entries)} of ${calls(of)}`;
export const done = ({ entries, bytes: size, file }) => `${calls(entries)}, ${bytes(size)}: ${file}`;
export const cancelled = "Cancelled. Nothing was kept.";
export const failed = ({ detail }) => `The export failed. ${detail}`;
export const readOnly = "Without the owner token the browser saves it:";
export const download = (ending) => `Save as ${ending}`;
