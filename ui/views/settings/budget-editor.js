// The form of one budget, opened under its line. It says what is wrong beside the field before anything is sent, and
// takes the server's own word for it afterwards. Not here: what the fields mean (budget-form.js), and the list
// (budgets.js).
import * as api from "../../api.js";
import { fill, h, set, text } from "../../dom.js";
import { KNOWN_PROVIDERS, WINDOWS } from "../../kinds.js";
import { budgetName, budgets as words, doesInFull, unitName, unitWord, windowName } from "../../words.js";
import { segments, select, uid } from "../controls.js";
import { SCOPE, TEMPLATES, fields as toFields, filled, plain, read, templateName } from "./budget-form.js";
import { createImpact } from "./budget-impact.js";
import { createRaise } from "./budget-raise.js";
import { createRemoval } from "./budget-removal.js";
import { besideField, field, fieldOf, labelled, showWrong } from "./fields.js";

/** budget: the one being edited, or null for a new one; start: fields to begin with; done(budget | null) closes. */
export function createEditor({ budget, standing, start = {}, zone, owner, suggestions, done }) {
  const begin = { ...toFields(budget, zone), ...start };
  const ids = { provider: uid("list"), model: uid("list"), project: uid("list"), zone: uid("list") };
  const unit = select({
    label: words.unit,
    large: true,
    options: ["usd", "tokens", "requests"].map((one) => [one, unitName(one)]),
    value: begin.unit,
    choose: changed,
  });
  const window = select({
    label: words.window,
    large: true,
    options: WINDOWS.map((one) => [one, windowName(one)]),
    value: begin.window,
    choose: changed,
  });
  const meaning = h("p", { class: "meaning small faint", "aria-live": "polite" }, doesInFull(begin.action));
  const action = segments({
    label: words.whenReached,
    options: ["block", "ask", "warn"].map((one) => [one, words.actions[one]]),
    value: begin.action,
    choose: (next) => {
      text(meaning, doesInFull(next));
      changed();
    },
  });
  const ofScope = (part) =>
    field({ label: words.parts[part], value: begin[part], placeholder: words.everyPart[part], list: ids[part] ?? null });
  const fields = {
    limit: field({ label: words.limit, value: begin.limit, mode: "decimal" }),
    unit: labelled(words.unit, unit),
    window: labelled(words.window, window),
    ...Object.fromEntries(SCOPE.map((part) => [part, ofScope(part)])),
    action: labelled(words.whenReached, action),
    buffer: field({ label: words.buffer, value: begin.buffer, mode: "decimal" }),
    thresholds: field({ label: words.thresholds, value: begin.thresholds, after: "%" }),
    time_zone: field({ label: words.timeZone, value: begin.time_zone, placeholder: zone, list: ids.zone }),
    name: field({ label: words.name, value: begin.name }),
  };
  const raise = budget && createRaise({ budget, zone, send: (next) => put(next, "override") });
  const impact = createImpact();
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const save = h("button", { class: "btn small primary" }, budget ? words.save : words.add);
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
      "aria-label": budget ? words.edit(budget.name) : words.fresh,
      on: { submit, input: changed },
    },
    !budget &&
      h(
        "fieldset",
        {},
        h("legend", {}, words.startFrom),
        h(
          "div",
          { class: "row" },
          TEMPLATES.map(([name, template]) =>
            h(
              "button",
              { class: "chip", type: "button", on: { click: () => take(filled(template)) } },
              templateName(name, template),
            ),
          ),
        ),
      ),
    h("div", { class: "f3" }, fields.limit.node, fields.unit.node, fields.window.node),
    impact.node,
    h(
      "fieldset",
      {},
      h("legend", {}, words.appliesTo),
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

  function tell(what) {
    text(wrong, what);
    set(wrong, "hidden", !what);
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
        what: words.may.change,
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
      budget && h("button", { class: "btn small ghost danger", type: "button", on: { click: confirm } }, words.askDelete),
      h("span", { class: "spacer" }),
      h("button", { class: "btn small ghost", type: "button", on: { click: () => done(null) } }, words.cancel),
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
