// What can be seen of a page from within it, for tests of how it looks. Not here: which screens are looked at.

/** Runs in the page: what goes beyond the window or is cut off by what it stands in, in words. */
export const beyondEdges = `
  const told = [];
  const name = (node) => {
    const words = (node.getAttribute("aria-label") || node.textContent || "").trim().replace(/\\s+/g, " ").slice(0, 40);
    return node.tagName.toLowerCase() + (node.className ? "." + String(node.className.baseVal ?? node.className).trim().replace(/\\s+/g, ".") : "") + " “" + words + "”";
  };
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) told.push("the page is " + root.scrollWidth + " wide");
  // What scrolls by itself may be longer than its window, and what is for ears alone has no place in it.
  const scrolls = (node) => node && node !== root && (["auto", "scroll"].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  for (const node of document.querySelectorAll("body *")) {
    if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || node.closest(".vh, .skip, svg, option, datalist")) continue;
    const words = [...node.childNodes].filter((child) => child.nodeType === 3 && child.data.trim());
    if (!words.length && !["INPUT", "SELECT", "BUTTON", "IMG"].includes(node.tagName)) continue;
    const style = getComputedStyle(node);
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = node.getBoundingClientRect();
    const inside = words.length ? range.getBoundingClientRect() : box;
    if (!inside.width) continue;
    // Names that users and providers give may be shortened: they can be read in full elsewhere.
    if (style.textOverflow === "ellipsis") continue;
    if (!scrolls(node) && (inside.right > innerWidth + 1 || inside.left < -1)) told.push(name(node) + " goes beyond the window");
    if (words.length && style.display !== "inline" && !scrolls(node) && (inside.right > box.right + 1.5 || inside.left < box.left - 1.5)) told.push(name(node) + " goes beyond its box by " + Math.round(Math.max(inside.right - box.right, box.left - inside.left)));
    for (let around = node.parentElement; around && around !== document.body; around = around.parentElement) {
      const edge = getComputedStyle(around);
      if (edge.overflowX === "visible" && edge.overflowY === "visible") continue;
      if (["auto", "scroll"].includes(edge.overflowX) || edge.textOverflow === "ellipsis") break;
      const clip = around.getBoundingClientRect();
      if (inside.right > clip.right + 1 || inside.left < clip.left - 1) told.push(name(node) + " is cut off by " + name(around));
    }
  }
  return [...new Set(told)];`;

/** Runs in the page: what still moves, for a reader who asked that nothing does. */
export const moving = `
  const lasts = (times) => times.split(",").some((time) => parseFloat(time) > 0);
  return [...document.querySelectorAll("body, body *")].filter((node) => {
    const style = getComputedStyle(node);
    return lasts(style.transitionDuration) || (style.animationName !== "none" && lasts(style.animationDuration));
  }).map((node) => node.tagName.toLowerCase() + "." + (node.className.baseVal ?? node.className));`;

/** Runs in the page: the states that look alike, where a system's few colours have taken the place of ours. */
export const alike = `
  const PAIRS = [
    [".seg > [aria-checked=true]", ".seg > [aria-checked=false]"],
    [".switch[aria-checked=true]", ".switch[aria-checked=false]"],
    [".chip[aria-pressed=true]", ".chip[aria-pressed=false]"],
    [".bar nav a[aria-current]", ".bar nav a:not([aria-current])"],
    [".settings > nav a[aria-current]", ".settings > nav a:not([aria-current])"],
    ["tr[aria-selected=true] td", "tr[data-call]:not([aria-selected]) td"],
    [".meter .used", ".meter"],
    [".share > i", ".share"],
    [".btn.primary", ".btn:not(.primary)"],
    [".alert.is-new", ".alert.is-done"],
  ];
  const look = (node) => {
    const style = getComputedStyle(node);
    // A forced colour keeps the share that ours let through: a tint of paper on paper is paper.
    const paint = style.backgroundColor.replace(/rgba\((.*), [\d.]+\)/, "rgb($1)");
    return [paint, style.color, style.borderTopColor, style.borderTopWidth, style.borderLeftWidth, style.outlineStyle, style.outlineColor, style.fontWeight].join();
  };
  const found = PAIRS.map((pair) => pair.map((selector) => [...document.querySelectorAll(selector)].find((node) => node.checkVisibility())));
  return PAIRS.filter((_, n) => found[n].every(Boolean) && look(found[n][0]) === look(found[n][1])).map((pair) => pair.join(" looks like "));`;

/** In the page: what the keys should reach, each marked with a number of its own. */
const MARK = `
  const wanted = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
    (node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true }) && !node.closest("[inert]"));
  wanted.forEach((node, n) => (node.dataset.stop = n));
  document.activeElement?.blur();
  return wanted.map((node) => node.tagName.toLowerCase() + " “" + (node.getAttribute("aria-label") || node.textContent || node.id).trim().replace(/\\s+/g, " ").slice(0, 40) + "”");`;

/** In the page: where the keys are, and whether that can be seen. */
const WHERE = `
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const ring = (one) => one && getComputedStyle(one).outlineStyle !== "none" && parseFloat(getComputedStyle(one).outlineWidth) >= 1;
  const box = node.getBoundingClientRect();
  const x = Math.min(Math.max(box.x + Math.min(box.width / 2, 12), 0), innerWidth - 1);
  const y = Math.min(Math.max(box.y + Math.min(box.height / 2, 12), 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  return {
    stop: node.dataset.stop ?? null,
    ringed: Boolean(ring(node) || ring(node.closest(".input")) || node.matches(".calls")),
    onTop: Boolean(top && (node.contains(top) || top.contains(node) || (node.labels && [...node.labels].some((label) => label.contains(top))))),
  };`;

/** Walks through a page with Tab alone; says what is not met, and what is met without being seen. */
export async function unreachable(page) {
  const names = await page.run(MARK);
  const met = new Set();
  const told = [];
  for (let steps = 0; met.size < names.length && steps < names.length * 2 + 10; steps += 1) {
    await page.press("Tab");
    const at = await page.run(WHERE);
    if (!at?.stop || met.has(at.stop)) continue;
    met.add(at.stop);
    const name = names[at.stop];
    if (!at.ringed) told.push(`${name} has the focus and does not show it`);
    if (!at.onTop) told.push(`${name} has the focus behind something else`);
  }
  names.forEach((name, n) => met.has(String(n)) || told.push(`${name} is not reached`));
  return told;
}
