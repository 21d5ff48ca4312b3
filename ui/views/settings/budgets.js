// The list of budgets: on and off at once, a form under the line that is edited. Asked anew when the section is shown
// and after a change; a form that is open is never drawn over.
import * as api from "../../api.js";
import { fill, h, icon, keyed, set, swatch, text } from "../../dom.js";
import { amount as shown, inDollars } from "../../format.js";
import { providerClass } from "../../kinds.js";
import { budgets as words, does, unitWord, windowName } from "../../words.js";
import { all as zones } from "../../zone.js";
import { toggle } from "../controls.js";
import { createEditor } from "./budget-editor.js";
import { plain } from "./budget-form.js";
import { createFrame } from "./frame.js";

/** Limits are set in dollars, and so is told what stands beside one. */
const amount = (...figure) => inDollars(() => shown(...figure));

export function createBudgets({ live, owner }) {
  const add = h("button", { class: "btn small", on: { click: () => edit(null) } }, icon("plus"), words.add);
  const frame = createFrame(words.title, { owner, action: add });
  const list = h("div", { class: "card", hidden: true });
  const blank = h(
    "div",
    { class: "card", hidden: true },
    h(
      "p",
      { class: "blank" },
      words.none,
    ),
  );
  const fresh = h("div", { class: "card", hidden: true });
  frame.node.append(fresh, list, blank);
  const draw = keyed(list, (budget) => budget.id, createRow);
  const suggestions = { provider: [], model: [], project: [], zone: zones() };
  let budgets = [],
    rows = new Map(),
    editor = null,
    editing = null;

  function createRow(first) {
    let budget = first;
    const mark = swatch(""),
      name = h("span"),
      what = h("span", { class: "dim what" }),
      limit = h("span", { class: "num" });
    const open = h(
      "button",
      {
        class: "open",
        "aria-expanded": "false",
        on: { click: () => (editing === budget.id ? close() : edit(budget)) },
      },
      mark,
      name,
      what,
      limit,
    );
    const enabled = toggle({ label: words.enabled(first.name), on: first.enabled, turn: (on) => turn(budget, on) });
    const row = h("div", { class: "brow" }, open, enabled.node);
    const place = h("div");
    return {
      node: h("div", { class: "budget-row" }, row, place),
      place,
      open,
      update(next) {
        budget = next;
        set(mark, "class", `sw ${providerClass(next.scope.provider)}`);
        text(name, next.name);
        const raised =
          next.override && Date.parse(next.override.until) > Date.now()
            ? amount(next.override.limit, next.unit)
            : "";
        text(what, words.line(windowName(next.window), next.enabled ? does(next.action) : words.off, raised));
        text(limit, `${amount(next.limit, next.unit)}${unitWord(next.unit)}`);
        set(enabled.node, "aria-label", words.enabled(next.name));
        enabled.show(next.enabled);
        row.classList.toggle("is-off", !next.enabled);
      },
    };
  }

  async function turn(budget, enabled) {
    const saved = await frame.run(() => api.putBudget({ ...plain(budget), enabled }), words.may.change);
    if (saved !== undefined) await load();
    return saved;
  }

  function close() {
    if (!editor) return;
    editor.node.remove();
    rows.get(editing)?.open.setAttribute("aria-expanded", "false");
    set(fresh, "hidden", true);
    set(add, "hidden", false);
    editor = editing = null;
    set(blank, "hidden", budgets.length > 0);
  }

  function edit(budget, { start = {}, focus = "limit" } = {}) {
    close();
    const standing = budget && live.status?.budgets.find((one) => one.budget === budget.id);
    editing = budget?.id ?? "";
    editor = createEditor({
      budget,
      standing,
      start,
      owner,
      suggestions,
      zone: live.status?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      done: async (saved) => {
        const back = rows.get(editing)?.open ?? add;
        close();
        if (saved) await load();
        (rows.get(saved?.id)?.open ?? (back.isConnected ? back : add)).focus();
      },
    });
    const row = rows.get(editing);
    if (row) {
      row.place.append(editor.node);
      row.open.setAttribute("aria-expanded", "true");
    } else {
      fill(fresh, editor.node);
      set(fresh, "hidden", false);
      set(add, "hidden", true);
      set(blank, "hidden", true);
    }
    editor.focus(focus);
    editor.node.scrollIntoView({ block: "nearest" });
  }

  async function load() {
    const answer = await frame.read(api.budgets);
    if (!answer) return;
    ({ budgets } = answer);
    rows = draw(budgets);
    set(list, "hidden", budgets.length === 0);
    set(blank, "hidden", budgets.length > 0 || editing === "");
  }

  async function suggest() {
    for (const by of ["provider", "model", "project"]) {
      try {
        const keys = (await api.usage({ by, bucket: "month" })).buckets.flatMap((bucket) =>
          bucket.groups.map((group) => group.key),
        );
        suggestions[by] = [...new Set(keys.filter(Boolean))].sort();
      } catch {
        /* the form works without its suggestions */
      }
    }
  }

  return {
    node: frame.node,
    async show(params) {
      await Promise.all([load(), suggest()]);
      const id = params.get("raise") ?? params.get("edit");
      const budget = budgets.find((one) => one.id === id);
      if (budget) edit(budget, { focus: params.has("raise") ? "raise" : "limit" });
      else if (params.has("new"))
        edit(null, { start: { window: params.get("new"), provider: params.get("provider") ?? "" } });
      // Going back to the same address later must not open the form again.
      if ([...params].length) history.replaceState(null, "", "#/settings/budgets");
    },
    key(event) {
      if (event.key !== "Escape" || !editor) return false;
      const back = rows.get(editing)?.open ?? add;
      close();
      back.focus();
      return true;
    },
  };
}
