// Copying without the clipboard's own door, which api.js tries first.
import { shell as words } from "./words.js";

/** Where a web view keeps the clipboard to itself, a selection may still be copied. */
export function copyByHand(what) {
  const area = document.createElement("textarea");
  area.value = what;
  area.className = "vh";
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  if (!done) throw new Error(words.noClipboard);
}
