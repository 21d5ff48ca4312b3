// A piece of code as it is shown: comments, strings and a few words told apart, enough for snippets of ours in a shell,
// Python and JavaScript. Not here: any parsing of what others wrote.
import { fill, h } from "../dom.js";

// A comment, an exported variable, a word, a string; in a shell a string may go over several lines.
const PARTS = /^[^\S\n]*(?:#|\/\/).*$|^(export)( \w+=)(.*)$|\b(?:import|from|const|await)\b(?= )|"[^"\n]*"|'[^']*'/gm;

const kind = (part) => (/^\s*(#|\/\/)/.test(part) ? "c" : /^["']/.test(part) ? "s" : "k");
const span = (part, as = kind(part)) => h("span", { class: as }, part);
const exported = (word, name, value) => [span(word, "k"), name, h("wbr"), span(breakable(value), "s")];

/** A URL that breaks before its slashes where it has to break. */
export function breakable(url) {
  const [, start, rest] = /^(\w+:\/\/[^/]+)(.*)$/.exec(url) ?? ["", url, ""];
  const parts = rest.split("/").slice(1);
  return [start, parts.map((part) => [h("wbr"), `/${part}`])];
}

export function showCode(node, code) {
  const parts = [];
  let at = 0;
  for (const found of code.matchAll(PARTS)) {
    const [whole, word, name, value] = found;
    parts.push(code.slice(at, found.index), word ? exported(word, name, value) : span(whole));
    at = found.index + whole.length;
  }
  fill(node, parts, code.slice(at));
}
