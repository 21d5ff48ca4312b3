// The rows of the prices: the user's own, with the way to change or remove one, and the models no price is known for.
import { fill, h, icon, swatch } from "../../dom.js";
import { calls, date, detail, price as figure } from "../../format.js";
import { provider, providerClass } from "../../words.js";

/** `open(price)` edits one, `remove(price)` takes it away; a first click on the cross only asks. */
export function createOwnPrices({ open, remove }) {
  const rows = h("tbody", { class: "rows" });
  const headings = ["Input", "Cached", "Output"].map((words) => h("th", { class: "num" }, words));
  const last = h("th", {}, h("span", { class: "vh" }, "Change"));
  const head = h("thead", { class: "grid-head" }, h("tr", {}, h("th", {}, "Model"), headings, last));
  const button = (kind, click, ...inside) => h("button", { class: `btn small ghost${kind}`, on: { click } }, inside);

  function row(price) {
    const ends = h("div", { class: "ends" });
    const rest = () => {
      const cross = button(" icon square", ask, icon("x"));
      cross.setAttribute("aria-label", `Remove the price of ${price.model}`);
      fill(
        ends,
        button("", () => open(price), "Edit"),
        cross,
      );
    };
    const ask = () => {
      fill(
        ends,
        button(" danger", () => remove(price), "Remove"),
        button("", rest, "Keep"),
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
      h("td", {}, ends),
    );
  }

  return {
    node: h("table", { "aria-label": "Your prices" }, head, rows),
    update: (prices) => fill(rows, prices.map(row)),
  };
}

export function unknownRow(model, open) {
  const words = `${provider(model.provider)}: ${calls(model.calls)} since ${date(model.since)}, counted high: ${detail(model.cost_usd)}.`;
  const set = () => open({ provider: model.provider, model: model.model });
  return h(
    "div",
    { class: "opt" },
    h("div", {}, h("span", { class: "mono" }, model.model), h("p", {}, words)),
    h("button", { class: "btn small", on: { click: set } }, "Set a price"),
  );
}
