// How a call's cost came about: a line for each class of its usage, where the rates come from, and what else there is to
// know. The figures are the server's; nothing is worked out here. Not here: the rest of a call (call-panel.js).
import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { cost as words } from "../words.js";
import { detail } from "../format.js";

function row(kind, name, times, amount) {
  return h(
    "tr",
    {},
    h("td", { class: kind }, name),
    h("td", { class: "num dim" }, times),
    h("td", { class: "num" }, amount),
  );
}

function table({ cost_usd: cost, by_prices: by }) {
  const lines = by.lines.map((line) =>
    row("dim", words.usageClass(line.class), words.times(line), words.amount(line.amount_usd)),
  );
  return h(
    "table",
    { class: "sum cost", "aria-label": words.label(cost) },
    h(
      "tbody",
      {},
      lines,
      by.rest_usd !== 0 && row("dim", words.rest, null, words.amount(by.rest_usd)),
      by.sum_usd !== by.cost_usd && row("faint", words.beforeRounding, null, words.amount(by.sum_usd)),
      row(null, words.total, null, detail(by.cost_usd)),
    ),
  );
}

/** A budget's name, which leads to its card; a comma before all but the first. */
const budgetLink = ({ id, name }, index) => [
  index > 0 && ", ",
  h("a", { href: `#/dashboard?budget=${encodeURIComponent(id)}` }, name),
];

/** What to do where no price is known. */
const remedy = () =>
  h("p", { class: "small" }, h("a", { href: "#/settings/prices" }, words.setPrice), " ", h("span", { class: "faint" }, words.unknownHint));

/** `{node, show(entry, other)}`: `other` stands where there are no lines to show. */
export function createCost() {
  const node = h("div", { class: "how" });
  let asked = 0;

  function draw(entry, told, other) {
    const by = told.by_prices;
    const caution = words.caution(told);
    const now = by && !by.agrees;
    fill(
      node,
      by?.lines.length ? [h("h3", {}, now ? words.titleNow : words.title), table(told)] : other,
      caution && h("p", { class: now && told.priced !== "caller" ? "note l-warning" : "faint small" }, caution),
      by && words.about(by, entry.model).map((sentence) => h("p", { class: "faint small" }, sentence)),
      told.priced === "unknown" && remedy(),
      told.budgets.length > 0 && h("p", { class: "faint small" }, words.countedIn, told.budgets.map(budgetLink)),
    );
  }

  return {
    node,
    /** Empties itself and shows how the cost of a call came about, once the server has told. */
    async show(entry, other) {
      const question = (asked += 1);
      fill(node);
      try {
        const told = await api.cost(entry.call_id);
        if (question === asked) draw(entry, told, other);
      } catch {
        if (question === asked) fill(node, other, h("p", { class: "faint small" }, words.failed));
      }
    },
  };
}
