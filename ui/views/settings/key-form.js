// The form of a new Spendlight key, and the one time that its text is shown.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { keys as words } from "../../words.js";
import { copyButton } from "../controls.js";
import { besideField, field, fieldOf, showWrong } from "./fields.js";

/** Text fields → {key, wrong}. Pure. */
export function readKey(form) {
  const wrong = {};
  const models = form.models.split(/[\s,;]+/).filter(Boolean);
  const key = { name: form.name.trim(), models };
  if (!key.name) wrong.name = words.noName;
  if (form.project.trim()) key.project = form.project.trim();
  if (models.some((model) => model.includes("*") && model.indexOf("*") !== model.length - 1))
    wrong.models = words.starAtEnd;
  return { key, wrong };
}

/** `done(issued)` hears of the new key, `done(null)` that there is none. */
export function createKeyForm({ owner, done }) {
  const fields = {
    name: field({ label: words.name, placeholder: words.nameHint }),
    project: field({ label: words.project, placeholder: words.projectHint }),
    models: field({ label: words.models, placeholder: words.modelsHint, hint: words.modelsLike }),
  };
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const node = h(
    "form",
    { class: "editor", novalidate: true, "aria-label": words.form, on: { submit } },
    h("div", { class: "f3" }, fields.name.node, fields.project.node, fields.models.node),
    wrong,
    h(
      "div",
      { class: "row" },
      h("span", { class: "spacer" }),
      h("button", { class: "btn small ghost", type: "button", on: { click: () => done(null) } }, words.cancel),
      h("button", { class: "btn small primary" }, words.issue),
    ),
  );

  function tell(what) {
    text(wrong, what);
    set(wrong, "hidden", !what);
  }

  async function submit(event) {
    event.preventDefault();
    const { key, wrong: bad } = readKey(
      Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value])),
    );
    showWrong(fields, bad, tell);
    if (Object.keys(bad).length) return;
    try {
      const issued = await owner.may(() => api.issueKey(key), { what: words.may.issue });
      if (issued !== undefined) done(issued);
    } catch (problem) {
      const name = fieldOf(problem, Object.keys(fields));
      showWrong(fields, { [name]: name ? besideField(problem) : problem.message }, tell);
    }
  }
  return { node, focus: () => fields.name.focus() };
}

/** The card with the key itself. When it is closed, the key is gone from the page. */
export function createIssued({ key: issued, close }) {
  const code = h(
    "div",
    { class: "code wrap copyable", tabindex: "0", role: "region", "aria-label": words.theKey },
    issued.key,
  );
  const copy = copyButton(() => issued.key, undefined, { iconOnly: true });
  copy.classList.add("copy");
  const done = h("button", { class: "btn small", type: "button", on: { click: close } }, words.haveIt);
  const node = h(
    "div",
    { class: "card", role: "status" },
    h("header", {}, h("h2", {}, words.keyOf(issued.name)), h("span", { class: "spacer" }), done),
    h(
      "div",
      { class: "padded" },
      h("div", { class: "codebox" }, code, copy),
      h("p", { class: "small faint" }, words.onlyNow),
    ),
  );
  return { node, focus: () => copy.focus() };
}
