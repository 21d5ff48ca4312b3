// A language that nobody speaks, to see the pages in: every text of the catalogue (ui/words.js and ui/words/) with
// accents, half as long again and between marks, [!ĺíķé ťĥíś ẁẁẁẁ!]. What a page says without marks is not from the
// catalogue; what does not fit will not fit in German either.
import { readdirSync } from "node:fs";

const ui = new URL("../../ui/", import.meta.url);
const files = ["words.js", ...readdirSync(new URL("words/", ui)).map((name) => `words/${name}`)];

/** Runs in the page too, so it uses nothing but what is in it. */
function pseudo(value) {
  const accents = { a: "á", c: "ç", d: "ď", e: "é", g: "ĝ", h: "ĥ", i: "í", k: "ķ", l: "ĺ", n: "ñ", o: "ó", r: "ŕ", s: "ś", t: "ť", u: "ú", w: "ŵ", y: "ý", z: "ž" };
  function said(text) {
    // A text made of others is marked and lengthened once, as a whole.
    const plain = text.replace(/\[!| ẁ[ẁ ]*!\]/g, "");
    const [, before, words, after] = /^(\s*)(.*?)(\s*)$/s.exec(plain);
    if (!/\p{L}/u.test(words)) return text;
    const more = "ẁẁẁẁẁẁ ".repeat(Math.ceil(words.length / 16)).slice(0, Math.max(2, words.length / 2)).trim();
    return `${before}[!${[...words].map((letter) => accents[letter] ?? letter).join("")} ${more}!]${after}`;
  }
  if (typeof value === "string") return said(value);
  if (typeof value === "function") return (...given) => pseudo(value(...given));
  const isChoice = Array.isArray(value) && value.length === 2 && /^[a-z0-9_-]*$/.test(value[0]);
  if (isChoice) return [value[0], pseudo(value[1])]; // an id and what it is called
  if (Array.isArray(value)) return value.map(pseudo);
  // Parts of the catalogue that are handed on whole have been through here already.
  if (!value || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, pseudo(text)]));
}

/** For startFront: the catalogue's files as they read in this language, everything else as it is. */
export async function spoken() {
  const names = new Map();
  for (const file of files) names.set(file, Object.keys(await import(new URL(file, ui))));
  return (file, text, search) => {
    if (!names.has(file) || search === "?plain") return text;
    const exported = names.get(file).map((name) => `export const ${name} = pseudo(plain.${name});`);
    const plain = file.split("/").pop();
    return [`import * as plain from "./${plain}?plain";`, String(pseudo), ...exported].join("\n");
  };
}

/** Runs in the page: each text that is seen or read aloud, code and what was typed excepted. */
export const everyText = `
  const told = new Set([document.title]);
  const code = "code, .mono, .code, kbd, script, style, datalist, noscript";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (!node.parentElement.closest(code) && !node.parentElement.closest("[hidden]")) told.add(node.data.trim());
  for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext", "aria-description"])
    for (const node of document.querySelectorAll("[" + name + "]"))
      if (!node.closest("[hidden], .mono")) told.add(node.getAttribute(name).trim());
  return [...told].filter(Boolean);`;

/** What is written alike in every language: units, and names of what is not ours. */
const UNITS = /\b(?:ms|KB|MB|GB|curl|Python|Node|API|UTC|[A-Z]\w+\/\w+)\b/g;

/** What is left of a text without the catalogue's part, what the server has said, and numbers; "" where that is all. */
export function foreign(text, data) {
  let left = text.replace(/\[!.*?!\]/gs, " ").replace(UNITS, " ");
  for (const known of data) if (/\p{L}{2}/u.test(left)) left = left.replaceAll(known, " ");
  return /\p{L}{2}/u.test(left) ? left.trim() : "";
}
