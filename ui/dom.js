// Builds elements from text, and keeps built ones up to date without touching what has not changed.
// No markup is ever parsed here: everything a page shows is a text node, an attribute or a custom property.
import { GLYPHS, ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/** h("a", {class, href, on: {click}, vars: {used: 64}}, "text", node, [nodes], null). */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (name === "vars") vars(node, value);
    else set(node, name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Sets an attribute when it differs; null and false take it away. */
export function set(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== (value === true ? "" : String(value))) {
    node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
  return node;
}

export function vars(node, values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) node.style.removeProperty(`--${name}`);
    else if (node.style.getPropertyValue(`--${name}`) !== String(value))
      node.style.setProperty(`--${name}`, String(value));
  }
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** Runs once before the next paint, however often it is asked to. */
export function animated(run) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      run();
    });
  };
}

/** A list that follows its items: what stays is updated in place, and only what is new or gone is touched. */
export function keyed(parent, keyOf, make) {
  const parts = new Map();
  return (items) => {
    const wanted = new Map(items.map((item) => [keyOf(item), item]));
    for (const [key, part] of parts) {
      if (!wanted.has(key)) {
        part.node.remove();
        parts.delete(key);
      }
    }
    let cursor = parent.firstChild;
    for (const [key, item] of wanted) {
      let part = parts.get(key);
      if (!part) parts.set(key, (part = make(item)));
      part.update?.(item);
      if (part.node === cursor) cursor = cursor.nextSibling;
      else parent.insertBefore(part.node, cursor);
    }
    return parts;
  };
}

function drawing(shapes, viewBox, kind) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("class", kind);
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  return svg;
}

export const icon = (name) => drawing(ICONS[name], "0 0 16 16", "i");
export const glyph = (level, kind = "glyph") => drawing(GLYPHS[level] ?? GLYPHS.ok, "0 0 22 22", kind);
export const swatch = (kind) => h("i", { class: `sw ${kind}`, "aria-hidden": "true" });
