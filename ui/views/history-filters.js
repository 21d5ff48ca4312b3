// What the history is narrowed to: words, a provider, a model, how it went. Tells when that changes; asks nothing of
// the ledger but its names.
import * as api from "../api.js";
import { h, icon, set } from "../dom.js";
import { KNOWN_PROVIDERS, provider } from "../words.js";
import { select } from "./controls.js";

const TYPING_MS = 250;
const YEAR_MS = 365 * 86_400_000;
const OUTCOMES = [
  ["", "Every outcome"],
  ["ok", "Went well"],
  ["failed", "Failed"],
  ["denied", "Denied"],
];

export function createFilters({ changed }) {
  const filter = { q: "", provider: "", model: "", outcome: "" };
  const search = h("input", {
    type: "search",
    placeholder: "Search calls",
    "aria-label": "Search calls",
    spellcheck: "false",
    on: { input: typed },
  });
  const choice = (name, label, options) => select({ label, options, value: "", choose: (next) => change(name, next) });
  const byProvider = choice("provider", "Provider", [["", "Every provider"]]);
  const byModel = choice("model", "Model", [["", "Every model"]]);
  const byOutcome = choice("outcome", "Outcome", OUTCOMES);
  const clear = h("button", { class: "btn small ghost", hidden: true, on: { click: reset } }, "Clear");
  let timer = null;
  let models = [];

  function typed() {
    clearTimeout(timer);
    timer = setTimeout(() => change("q", search.value.trim()), TYPING_MS);
  }

  function change(name, value) {
    if (filter[name] === value) return;
    filter[name] = value;
    if (name === "provider") offerModels();
    tell();
  }

  function reset() {
    for (const name of Object.keys(filter)) filter[name] = "";
    search.value = byProvider.value = byModel.value = byOutcome.value = "";
    offerModels();
    tell();
  }

  function tell() {
    set(clear, "hidden", !Object.values(filter).some(Boolean));
    changed();
  }

  function offerModels() {
    const listed = models.filter((group) => group.key && (!filter.provider || group.provider === filter.provider));
    const names = [...new Set(listed.map((group) => group.key))].sort();
    byModel.offer([["", "Every model"], ...names.map((name) => [name, name])], filter.model);
    if (byModel.value !== filter.model) byModel.value = filter.model = "";
  }

  return {
    filter,
    node: h(
      "div",
      { class: "tools", role: "search" },
      h("div", { class: "input search" }, icon("search"), search, h("kbd", {}, "/")),
      byProvider.node,
      byModel.node,
      byOutcome.node,
      clear,
    ),
    /** Narrows to one outcome and nothing else, as a link asks for it; false where there is no such outcome. */
    only(outcome) {
      if (!outcome || !OUTCOMES.some(([value]) => value === outcome)) return false;
      clearTimeout(timer);
      for (const name of Object.keys(filter)) filter[name] = "";
      search.value = byProvider.value = byModel.value = "";
      filter.outcome = byOutcome.value = outcome;
      offerModels();
      tell();
      return true;
    },
    focus() {
      search.focus();
      search.select();
    },
    /** Esc in the search empties it; true when there was something to empty. */
    escape() {
      if (document.activeElement !== search || !search.value) return false;
      search.value = "";
      change("q", "");
      return true;
    },
    /** Offers the providers and models of the last year. */
    async offer() {
      const from = new Date(Date.now() - YEAR_MS).toISOString();
      try {
        models = (await api.usage({ by: "model", bucket: "month", from })).buckets.flatMap((bucket) => bucket.groups);
      } catch {
        return; // the list works without its suggestions
      }
      const known = [...new Set(models.map((group) => group.provider).filter(Boolean))].sort();
      const listed = (known.length ? known : KNOWN_PROVIDERS).map((id) => [id, provider(id)]);
      byProvider.offer([["", "Every provider"], ...listed], filter.provider);
      offerModels();
    },
  };
}
