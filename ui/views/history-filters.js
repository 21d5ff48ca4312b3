// What the history is narrowed to: words, a span of time, a provider, model, project or session, how it went and where it
// came from. Tells when that changes; asks nothing of the ledger but its names.
import * as api from "../api.js";
import { h, icon, set } from "../dom.js";
import { isOdd, KNOWN_PROVIDERS, outcomeKind } from "../kinds.js";
import { history as words, provider } from "../words.js";
import { select } from "./controls.js";
import { bounds, SPANS } from "./history-span.js";

const TYPING_MS = 250;
const YEAR_MS = 365 * 86_400_000;
const NONE = { q: "", span: "", first: "", last: "", provider: "", model: "", project: "", outcome: "", source: "", session: "" };
const MORE = ["outcome", "source", "session"];
const OUTCOMES = ["", "ok", "failed", "denied", "odd"];
const SOURCES = ["proxy", "api", "cli", "import"];
const SEARCHED = ["model", "project", "session", "user", "operation", "error", "call_id"];

/** `zone()`: the ledger's; `act`: what can be done with the list. */
export function createFilters({ zone, changed, act }) {
  const filter = { ...NONE };
  const field = (name, label, type, kind = "") =>
    h("input", {
      type,
      class: kind,
      "aria-label": label,
      placeholder: type === "date" ? null : label,
      spellcheck: "false",
      autocomplete: "off",
      on: { [type === "date" ? "change" : "input"]: () => typed(name) },
    });
  const choice = (name, label, options) => select({ label, options, value: "", choose: (next) => change(name, next) });
  const named = (ids, names) => ids.map((id) => [id, names[id]]);
  const every = {
    provider: ["", words.everyProvider],
    model: ["", words.everyModel],
    project: ["", words.everyProject],
    source: ["", words.everySource],
  };
  const fields = {
    q: field("q", words.search, "search"),
    span: choice("span", words.time, named(SPANS, words.spans)),
    first: field("first", words.firstDay, "date"),
    last: field("last", words.lastDay, "date"),
    provider: choice("provider", words.provider, [every.provider]),
    model: choice("model", words.model, [every.model]),
    project: choice("project", words.project, [every.project]),
    outcome: choice("outcome", words.outcome, named(OUTCOMES, words.outcomes)),
    source: choice("source", words.source, [every.source, ...named(SOURCES, words.sources)]),
    session: field("session", words.session, "text"),
  };
  const clear = h("button", { class: "btn small ghost", hidden: true, on: { click: () => reset({}) } }, words.clear);
  const more = h("button", { class: "chip", "aria-expanded": "false", on: { click: () => open(second.hidden) } }, words.more, icon("chev"));
  const days = h("span", { class: "pair", hidden: true }, fields.first, h("span", { class: "dim" }, words.to), fields.last);
  const second = h(
    "div",
    { class: "tools more-tools", hidden: true },
    days,
    fields.outcome.node,
    fields.source.node,
    h("div", { class: "input narrow-input" }, fields.session),
  );
  let timer = null,
    models = [];

  function open(wanted) {
    set(second, "hidden", !wanted);
    set(more, "aria-expanded", String(wanted));
  }

  function typed(name) {
    clearTimeout(timer);
    timer = setTimeout(() => change(name, fields[name].value.trim()), name === "first" || name === "last" ? 0 : TYPING_MS);
  }

  function change(name, value) {
    if (filter[name] === value) return;
    filter[name] = value;
    if (name === "provider") offerModels();
    if (name === "span" && value === "days") open(true);
    tell();
  }

  /** Everything anew: nothing but what is given. */
  function reset(given) {
    clearTimeout(timer);
    Object.assign(filter, NONE, given);
    for (const name of Object.keys(NONE)) fields[name].value = filter[name];
    offerModels();
    if (filter.span === "days" || MORE.some((name) => filter[name])) open(true);
    tell();
  }

  function tell() {
    set(clear, "hidden", !Object.values(filter).some(Boolean));
    set(days, "hidden", filter.span !== "days");
    more.classList.toggle("is-set", MORE.some((name) => filter[name]));
    changed();
  }

  function offerModels() {
    const listed = models.filter((group) => group.key && (!filter.provider || group.provider === filter.provider));
    const names = [...new Set(listed.map((group) => group.key))].sort();
    if (filter.model && !names.includes(filter.model) && !filter.provider) names.unshift(filter.model);
    fields.model.offer([every.model, ...names.map((name) => [name, name])], filter.model);
    if (fields.model.value !== filter.model) fields.model.value = filter.model = "";
  }

  return {
    node: h(
      "div",
      { class: "filters", role: "search" },
      h(
        "div",
        { class: "tools" },
        h("div", { class: "input search" }, icon("search"), fields.q, h("kbd", {}, "/")),
        fields.span.node,
        fields.provider.node,
        fields.model.node,
        fields.project.node,
        more,
        clear,
        act,
      ),
      second,
    ),
    get isSet() {
      return Object.values(filter).some(Boolean);
    },
    /** As the ledger is asked. */
    query() {
      const { span, first, last, ...rest } = filter;
      return { ...rest, ...bounds({ span, first, last }, new Date(), zone()) };
    },
    /** Whether a call that has just been recorded belongs in the list. */
    fits(entry) {
      const { from, to } = bounds(filter, new Date(), zone());
      const at = Date.parse(entry.at);
      const same = ["provider", "model", "project", "session", "source"].every(
        (name) => !filter[name] || entry[name] === filter[name],
      );
      const said = SEARCHED.map((name) => entry[name] ?? "").join("\n").toLowerCase();
      return (
        same &&
        (!from || at >= Date.parse(from)) &&
        (!to || at < Date.parse(to)) &&
        (!filter.outcome || (filter.outcome === "odd" ? isOdd(entry) : outcomeKind(entry) === filter.outcome)) &&
        (!filter.q || said.includes(filter.q.toLowerCase()))
      );
    },
    /** Narrows to this and nothing else, as a link asks for it; false where there is nothing in it to narrow to. */
    only(params) {
      const given = Object.fromEntries(Object.keys(NONE).map((name) => [name, params.get(name) ?? ""]));
      if (!OUTCOMES.includes(given.outcome)) given.outcome = "";
      if (!Object.values(given).some(Boolean)) return false;
      reset(given);
      return true;
    },
    narrow: (given) => reset({ ...filter, ...given }),
    focus() {
      fields.q.focus();
      fields.q.select();
    },
    /** Esc in the search empties it; true when there was something to empty. */
    escape() {
      if (document.activeElement !== fields.q || !fields.q.value) return false;
      fields.q.value = "";
      change("q", "");
      return true;
    },
    /** Offers the providers, models and projects of the last year. */
    async offer() {
      const from = new Date(Date.now() - YEAR_MS).toISOString();
      const groups = async (by) =>
        (await api.usage({ by, bucket: "month", from })).buckets.flatMap((bucket) => bucket.groups);
      let projects;
      try {
        [models, projects] = await Promise.all([groups("model"), groups("project")]);
      } catch {
        return; // the list works without its suggestions
      }
      const known = [...new Set(models.map((group) => group.provider).filter(Boolean))].sort();
      const listed = (known.length ? known : KNOWN_PROVIDERS).map((id) => [id, provider(id)]);
      fields.provider.offer([every.provider, ...listed], filter.provider);
      const names = [...new Set([...projects.map((group) => group.key), filter.project].filter(Boolean))].sort();
      fields.project.offer([every.project, ...names.map((name) => [name, name])], filter.project);
      offerModels();
    },
  };
}
