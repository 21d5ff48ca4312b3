// The form of one budget, opened under its line. It says what is wrong beside the field before anything is sent, and
// takes the server's own word for it afterwards. Not here: what the fields mean (budget-form.js), and the list
// (budgets.js).
import * as api from "../../api.js";
import { fill, h, set, text } from "../../dom.js";
import { KNOWN_PROVIDERS, WINDOWS, budgetName, doesInFull, unitName, unitWord, windowName } from "../../words.js";
import { segments, select, uid } from "../controls.js";
import { SCOPE, TEMPLATES, fields as toFields, plain, read } from "./budget-form.js";
import { createImpact } from "./budget-impact.js";
import { createRaise } from "./budget-raise.js";
import { createRemoval } from "./budget-removal.js";
import { besideField, field, fieldOf, labelled, showWrong } from "./fields.js";

/** budget: the one being edited, or null for a new one; start: fields to begin with; done(budget | null) closes. */
export function createEditor({ budget, standing, start = {}, zone, owner, suggestions, done }) {
  const begin = { ...toFields(budget, zone), ...start };
  const ids = { provider: uid("list"), model: uid("list"), project: uid("list"), zone: uid("list") };
  const unit = select({
    label: "Unit",
    large: true,
    options: ["usd", "tokens", "requests"].map((one) => [one, unitName(one)]),
    value: begin.unit,
    choose: changed,
  });
  const window = select({
    label: "Window",
    large: true,
    options: WINDOWS.map((one) => [one, windowName(one)]),
    value: begin.window,
    choose: changed,
  });
  const meaning = h("p", { class: "meaning small faint", "aria-live": "polite" }, doesInFull(begin.action));
  const action = segments({
    label: "When it is reached",
    options: [
      ["block", "Block"],
      ["ask", "Ask me"],
      ["warn", "Warn only"],
    ],
    value: begin.action,
    choose: (next) => {
      text(meaning, doesInFull(next));
      changed();
    },
  });
  const fields = {
    limit: field({ label: "Limit", value: begin.limit, mode: "decimal" }),
    unit: labelled("Unit", unit),
    window: labelled("Window", window),
    provider: field({ label: "Provider", value: begin.provider, placeholder: "every provider", list: ids.provider }),
    model: field({ label: "Model", value: begin.model, placeholder: "every model", list: ids.model }),
    project: field({ label: "Project", value: begin.project, placeholder: "every project", list: ids.project }),
    user: field({ label: "User", value: begin.user, placeholder: "every user" }),
    key: field({ label: "Key", value: begin.key, placeholder: "with or without" }),
    action: labelled("When it is reached", action),
    buffer: field({ label: "Keep back", value: begin.buffer, mode: "decimal" }),
    thresholds: field({ label: "Alert at", value: begin.thresholds, after: "%" }),
    time_zone: field({ label: "Time zone", value: begin.time_zone, placeholder: zone, list: ids.zone }),
    name: field({ label: "Name", value: begin.name }),
  };
  const raise = budget && createRaise({ budget, zone, send: (next) => put(next, "override") });
  const impact = createImpact();
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const save = h("button", { class: "btn small primary" }, budget ? "Save" : "Add budget");
  const foot = h("div", { class: "row" });
  const list = (id, values) =>
    h(
      "datalist",
      { id },
      values.map((value) => h("option", { value })),
    );
  const node = h(
    "form",
    {
      class: "editor",
      novalidate: true,
      "aria-label": budget ? `Edit ${budget.name}` : "New budget",
      on: { submit, input: changed },
    },
    !budget &&
      h(
        "fieldset",
        {},
        h("legend", {}, "Start from"),
        h(
          "div",
          { class: "row" },
          TEMPLATES.map(([words, values]) =>
            h("button", { class: "chip", type: "button", on: { click: () => take(values) } }, words),
          ),
        ),
      ),
    h("div", { class: "f3" }, fields.limit.node, fields.unit.node, fields.window.node),
    impact.node,
    h(
      "fieldset",
      {},
      h("legend", {}, "Applies to"),
      h(
        "div",
        { class: "f5" },
        SCOPE.map((part) => fields[part].node),
      ),
    ),
    h("div", { class: "f3 led" }, fields.action.node, fields.buffer.node, fields.thresholds.node),
    meaning,
    h("div", { class: "f2" }, fields.name.node, fields.time_zone.node),
    raise?.node,
    wrong,
    foot,
    list(ids.provider, [...new Set([...KNOWN_PROVIDERS, ...suggestions.provider])]),
    list(ids.model, suggestions.model),
    list(ids.project, suggestions.project),
    list(ids.zone, suggestions.zone),
  );
  const form = () => Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value]));

  function take(values) {
    unit.value = values.unit;
    window.value = values.window;
    fields.limit.value = values.limit;
    fields.buffer.value = values.buffer;
    for (const one of Object.values(fields)) one.wrong("");
    changed();
    fields.limit.focus();
  }

  /** What the form would mean, said while it is typed. */
  function changed() {
    const sign = unit.value === "usd" ? "$" : "";
    fields.limit.affix(sign, unitWord(unit.value).trim());
    fields.buffer.affix(sign, unitWord(unit.value).trim());
    const meant = read(form(), budget);
    const { budget: next } = meant;
    fields.name.input.placeholder = budgetName(next.scope, next.window);
    const same =
      budget &&
      next.unit === budget.unit &&
      next.window === budget.window &&
      next.limit !== budget.limit &&
      JSON.stringify(next.scope) === JSON.stringify(plain(budget).scope);
    impact.update(meant, same ? standing : null);
  }

  function tell(words) {
    text(wrong, words);
    set(wrong, "hidden", !words);
  }

  async function submit(event) {
    event.preventDefault();
    const { budget: next, wrong: bad } = read(form(), budget);
    showWrong(fields, bad, tell);
    if (!Object.keys(bad).length) await put(next);
  }

  async function put(next, only = null) {
    set(save, "disabled", true);
    try {
      const saved = await owner.may(() => (next.id ? api.putBudget(next) : api.addBudget(next)), {
        what: "change budgets",
      });
      if (saved !== undefined) done(saved);
    } catch (problem) {
      const name = only ?? fieldOf(problem, Object.keys(fields));
      if (only && raise) raise.wrong(besideField(problem));
      else showWrong(fields, name ? { [name]: besideField(problem) } : { "": problem.message }, tell);
    } finally {
      set(save, "disabled", false);
    }
  }

  function buttons() {
    fill(
      foot,
      budget && h("button", { class: "btn small ghost danger", type: "button", on: { click: confirm } }, "Delete…"),
      h("span", { class: "spacer" }),
      h("button", { class: "btn small ghost", type: "button", on: { click: () => done(null) } }, "Cancel"),
      save,
    );
  }

  function confirm() {
    const remove = () => api.removeBudget(budget.id);
    const keep = () => {
      buttons();
      foot.querySelector(".danger").focus();
    };
    const question = createRemoval({ budget, owner, remove, keep, done, tell });
    fill(foot, question.nodes);
    question.focus();
  }

  buttons();
  changed();
  return { node, focus: (name) => (name === "raise" ? raise : fields.limit).focus() };
}
