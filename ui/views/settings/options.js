// How a section lists what can be chosen: cards of lines, each with its name, what it means and its control.
import { h } from "../../dom.js";

/** A line: a name, a sentence about it or null, and what stands at its end. */
export function option(label, words, ...controls) {
  return h("div", { class: "opt" }, h("div", {}, label, words && h("p", {}, words)), ...controls);
}

export const card = (...lines) => h("div", { class: "card" }, lines);
