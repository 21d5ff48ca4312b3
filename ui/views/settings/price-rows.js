// The rows of the prices: the user's own, with the way to change or remove one, and the models no price is known for.
import { fill, h, icon, swatch } from "../../dom.js";
import { DASH, price as figure } from "../../format.js";
import { providerClass } from "../../kinds.js";
import { prices as words, provider } from "../../words.js";

/** `open(price)` edits one, `remove(price)` takes it away; a first click on the cross only asks. */
export function createOwnPrices({ open, remove }) {
  const rows = h("tbody", { class: "rows" });
  const headings = ["input", "cached", "output"].map((name) => h("th", { class: "num" }, words.columns[name]));
  const last = [h("th", {}, words.from), h("th", {}, h("span", { class: "vh" }, words.change))];
  const head = h("thead", { class: "grid-head" }, h("tr", {}, h("th", {}, words.columns.model), headings, last));
  const button = (kind, click, ...inside) => h("button", { class: `btn small ghost${kind}`, on: { click } }, inside);

  function row(price) {
    const ends = h("div", { class: "ends" });
    const rest = () => {
      const cross = button(" icon square", ask, icon("x"));
      cross.setAttribute("aria-label", words.removeOf(price.model));
      fill(
        ends,
        button("", () => open(price), words.edit),
        cross,
      );
    };
    const ask = () => {
      fill(
        ends,
        button(" danger", () => remove(price), words.remove),
        button("", rest, words.keep),
      );
      ends.lastChild.focus();
    };
    rest();
    const name = price.model === "*" ? `${price.provider}/*` : price.model;
    const figures = [price.input_usd_per_million, price.cache_read_usd_per_million, price.output_usd_per_million];
    return h(
      "tr",
      {},
      h(
        "td",
        {},
        h(
          "span",
          { class: "name", title: provider(price.provider) },
          swatch(providerClass(price.provider)),
          h("span", {}, name),
        ),
      ),
      figures.map((usd) => h("td", { class: "num" }, figure(usd))),
      h("td", { class: "dim" }, words.sinceWhen(price.since)),
      h("td", {}, ends),
    );
  }

  return {
    node: h("table", { "aria-label": words.yours }, head, rows),
    update: (prices) => fill(rows, prices.map(row)),
  };
}

/** What the models that are in use cost, and since when. */
export function createModelsInUse() {
  const rows = h("tbody", { class: "rows" });
  const headings = ["input", "cached", "output"].map((name) => h("th", { class: "num" }, words.columns[name]));
  const head = h("tr", {}, h("th", {}, words.columns.model), headings, h("th", {}, words.since));
  const node = h(
    "div",
    { class: "card", hidden: true },
    h("header", {}, h("h2", {}, words.inUse), h("span", { class: "faint small" }, words.inUseNote)),
    h("table", { "aria-label": words.inUse }, h("thead", { class: "grid-head" }, head), rows),
  );

  function row({ provider: id, model, rates, since, own_price: own }) {
    const mark = own && h("span", { class: "mark", title: words.ownPriceHint }, words.ownPrice);
    const name = h("span", { class: "name", title: provider(id) }, swatch(providerClass(id)), h("span", {}, model), mark);
    const figures = rates
      ? ["input", "cache_read", "output"].map((kind) => figure(rates[`${kind}_usd_per_million`]))
      : [figure(null), figure(null), figure(null)];
    return h(
      "tr",
      {},
      h("td", {}, name),
      figures.map((words) => h("td", { class: "num" }, words)),
      h("td", { class: "dim" }, !rates ? words.noRate : own ? DASH : words.sinceWhen(since)),
    );
  }

  return {
    node,
    update(models) {
      fill(rows, models.map(row));
      node.hidden = !models.length;
    },
  };
}

export function unknownRow(model, open) {
  const set = () => open({ provider: model.provider, model: model.model });
  return h(
    "div",
    { class: "opt" },
    h("div", {}, h("span", { class: "mono" }, model.model), h("p", {}, words.counted(provider(model.provider), model))),
    h("button", { class: "btn small", on: { click: set } }, words.setPrice),
  );
}
