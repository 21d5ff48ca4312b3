// A field of a form: a label, a text input with its affix, and the sentence beside it when something is wrong.
import { h, set, text } from "../../dom.js";
import { uid } from "../controls.js";

export function field({
  label,
  value = "",
  before = "",
  after = "",
  placeholder = "",
  list = null,
  hint = "",
  mode = "text",
  narrow = false,
  hideLabel = false,
}) {
  const id = uid("field");
  const input = h("input", {
    id,
    value,
    placeholder,
    list,
    inputmode: mode,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": `${id}-wrong`,
  });
  const prefix = h("span", { class: "affix", hidden: !before }, before),
    suffix = h("span", { class: "affix", hidden: !after }, after);
  const box = h("div", { class: `input${narrow ? " narrow-input" : ""}` }, prefix, input, suffix);
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, hidden: true });
  const node = h(
    "div",
    { class: "field" },
    h("label", { for: id, class: hideLabel ? "vh" : null }, label),
    box,
    hint && h("p", { class: "hint" }, hint),
    wrong,
  );
  const one = {
    node,
    input,
    get value() {
      return input.value;
    },
    set value(next) {
      input.value = next;
    },
    focus() {
      input.focus();
      input.select();
    },
    affix(first, last = "") {
      text(prefix, first);
      set(prefix, "hidden", !first);
      text(suffix, last);
      set(suffix, "hidden", !last);
    },
    wrong(words) {
      text(wrong, words ?? "");
      set(wrong, "hidden", !words);
      box.classList.toggle("is-wrong", Boolean(words));
      set(input, "aria-invalid", words ? "true" : null);
    },
  };
  // What was wrong is no longer known once the text has changed.
  input.addEventListener("input", () => one.wrong(""));
  return one;
}

/** The same frame around a control that is not a text input. */
export function labelled(label, control) {
  const wrong = h("p", { class: "wrong", hidden: true });
  return {
    node: h("div", { class: "field" }, h("span", { class: "label" }, label), control.node, wrong),
    get value() {
      return control.value;
    },
    focus() {
      control.node.querySelector("select, [tabindex='0']")?.focus();
    },
    wrong(words) {
      text(wrong, words ?? "");
      set(wrong, "hidden", !words);
    },
  };
}

/**
 * Shows {field: sentence} beside the fields; what no field is named for goes to `rest`. Focuses the first that is
 * wrong.
 */
export function showWrong(fields, wrong, rest) {
  const left = [];
  let first = null;
  for (const [name, one] of Object.entries(fields)) one.wrong(wrong[name] ?? "");
  for (const [name, words] of Object.entries(wrong)) {
    const target = fields[name];
    if (target) first ??= target;
    else left.push(words);
  }
  rest(left.join(" "));
  first?.focus();
}

/** The server's word for what is wrong, as a sentence beside its field: "Must be more than 0." */
export function besideField(problem) {
  const words = problem.field ? problem.message.replace(`${problem.field} `, "") : problem.message;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}

/** Which of our fields a problem is about: by its `field`, else by the word its sentence starts with. */
export function fieldOf(problem, names) {
  const said = (problem.field ?? /^[`"']?([a-z_.]+)/.exec(problem.message)?.[1] ?? "").replace(/^scope\./, "");
  return names.find((name) => said === name || said.startsWith(`${name}.`) || said.startsWith(`${name}[`)) ?? "";
}
