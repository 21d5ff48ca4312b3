// Copying without the clipboard's own door, which api.js tries first.

/** Where a web view keeps the clipboard to itself, a selection may still be copied. */
export function copyByHand(words) {
  const area = document.createElement("textarea");
  area.value = words;
  area.className = "vh";
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  if (!done) throw new Error("The clipboard cannot be reached.");
}
