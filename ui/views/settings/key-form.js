// The form of a new Spendlight key, and the one time that its text is shown.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { copyButton } from "../controls.js";
import { besideField, field, fieldOf, showWrong } from "./fields.js";

/** Text fields → {key, wrong}. Pure. */
export function readKey(form) {
  const wrong = {};
  const models = form.models.split(/[\s,;]+/).filter(Boolean);
  const key = { name: form.name.trim(), models };
  if (!key.name) wrong.name = "The name is missing: what is the key for?";
  if (form.project.trim()) key.project = form.project.trim();
  if (models.some((model) => model.includes("*") && model.indexOf("*") !== model.length - 1))
    wrong.models = "A * may stand at the end of a name only.";
  return { key, wrong };
}

/** `done(issued)` hears of the new key, `done(null)` that there is none. */
export function createKeyForm({ owner, done }) {
  const fields = {
    name: field({ label: "Name", placeholder: "Nightly eval" }),
    project: field({ label: "Project", placeholder: "none" }),
    models: field({ label: "Models", placeholder: "every model", hint: "Like gpt-5-mini, gemini-2.5*" }),
  };
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const node = h(
    "form",
    { class: "editor", novalidate: true, "aria-label": "New key", on: { submit } },
    h("div", { class: "f3" }, fields.name.node, fields.project.node, fields.models.node),
    wrong,
    h(
      "div",
      { class: "row" },
      h("span", { class: "spacer" }),
      h("button", { class: "btn small ghost", type: "button", on: { click: () => done(null) } }, "Cancel"),
      h("button", { class: "btn small primary" }, "Issue"),
    ),
  );

  function tell(words) {
    text(wrong, words);
    set(wrong, "hidden", !words);
  }

  async function submit(event) {
    event.preventDefault();
    const { key, wrong: bad } = readKey(
      Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value])),
    );
    showWrong(fields, bad, tell);
    if (Object.keys(bad).length) return;
    try {
      const issued = await owner.may(() => api.issueKey(key), { what: "issue keys" });
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
    { class: "code wrap copyable", tabindex: "0", role: "region", "aria-label": "The key" },
    issued.key,
  );
  const copy = copyButton(() => issued.key, "Copy", { iconOnly: true });
  copy.classList.add("copy");
  const done = h("button", { class: "btn small", type: "button", on: { click: close } }, "I have it");
  const node = h(
    "div",
    { class: "card", role: "status" },
    h("header", {}, h("h2", {}, `The key of ${issued.name}`), h("span", { class: "spacer" }), done),
    h(
      "div",
      { class: "padded" },
      h("div", { class: "codebox" }, code, copy),
      h("p", { class: "small faint" }, "Copy it now: it will not be shown again, and Spendlight keeps only its hash."),
    ),
  );
  return { node, focus: () => copy.focus() };
}
