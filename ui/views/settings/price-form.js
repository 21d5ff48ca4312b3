// The form of one price of the user's own. For a model the list knows, its prices stand as hints in the empty fields.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { KNOWN_PROVIDERS } from "../../kinds.js";
import { prices as words } from "../../words.js";
import { uid } from "../controls.js";
import { editable, numberIn } from "../../format.js";
import { besideField, field, fieldOf, showWrong } from "./fields.js";

const PRICES = [
  ["input_usd_per_million", true],
  ["output_usd_per_million", true],
  ["cache_read_usd_per_million", false],
  ["cache_write_usd_per_million", false],
];

/** Text fields → {price, wrong}. Pure. */
export function readPrice(form) {
  const wrong = {};
  const price = { provider: form.provider.trim().toLowerCase(), model: form.model.trim() };
  if (!price.provider) wrong.provider = words.noProvider;
  if (!price.model) wrong.model = words.noModel;
  else if (price.model.indexOf("*") !== -1 && price.model.indexOf("*") !== price.model.length - 1)
    wrong.model = words.starAtEnd;
  for (const [name, needed] of PRICES) {
    if (!form[name].trim()) {
      if (needed) wrong[name] = words.missing(words.kinds[name]);
      continue;
    }
    const value = numberIn(form[name]);
    if (Number.isNaN(value)) wrong[name] = words.noNumber(editable(0.25, "usd"));
    else price[name] = value;
  }
  return { price, wrong };
}

export function createPriceForm({ owner, start = {}, done }) {
  const list = uid("list");
  const fields = {
    provider: field({ label: words.provider, value: start.provider ?? "", placeholder: "openai", list }),
    model: field({ label: words.model, value: start.model ?? "", placeholder: words.modelHint }),
    ...Object.fromEntries(
      PRICES.map(([name]) => [
        name,
        field({
          label: words.kinds[name],
          before: "$",
          mode: "decimal",
          value: start[name] === undefined || start[name] === null ? "" : editable(start[name], "usd"),
        }),
      ]),
    ),
  };
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const node = h(
    "form",
    { class: "editor", novalidate: true, "aria-label": words.form, on: { submit } },
    h("div", { class: "f2" }, fields.provider.node, fields.model.node),
    h(
      "div",
      { class: "f4" },
      PRICES.map(([name]) => fields[name].node),
    ),
    wrong,
    h(
      "div",
      { class: "row" },
      h("span", { class: "spacer" }),
      h("button", { class: "btn small ghost", type: "button", on: { click: () => done(null) } }, words.cancel),
      h("button", { class: "btn small primary" }, words.save),
    ),
    h(
      "datalist",
      { id: list },
      KNOWN_PROVIDERS.map((value) => h("option", { value })),
    ),
  );

  function tell(what) {
    text(wrong, what);
    set(wrong, "hidden", !what);
  }

  async function hint() {
    const [provider, model] = [fields.provider.value.trim(), fields.model.value.trim()];
    if (!provider || !model || model.endsWith("*")) return;
    try {
      const known = await api.priceOf(provider, model);
      for (const [name] of PRICES)
        fields[name].input.placeholder =
          known.priced !== "unknown" && known[name] !== null && known[name] !== undefined
            ? editable(known[name], "usd")
            : "";
    } catch {
      /* a hint only */
    }
  }
  for (const name of ["provider", "model"]) fields[name].input.addEventListener("change", hint);

  async function submit(event) {
    event.preventDefault();
    const { price, wrong: bad } = readPrice(
      Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value])),
    );
    showWrong(fields, bad, tell);
    if (Object.keys(bad).length) return;
    try {
      const saved = await owner.may(() => api.putOverride(price), { what: words.mayChange });
      if (saved !== undefined) done(saved);
    } catch (problem) {
      const name = fieldOf(problem, Object.keys(fields));
      showWrong(fields, { [name]: name ? besideField(problem) : problem.message }, tell);
    }
  }
  hint();
  return { node, focus: () => (start.model ? fields.input_usd_per_million : fields.provider).focus() };
}
