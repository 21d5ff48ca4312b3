// Who made up what the chart above shows, in the same time and unit: by model, project, provider or session, the largest
// first. Not here: the course over time (chart.js).
import * as api from "../api.js";
import { h, keyed, set, swatch, text, vars } from "../dom.js";
import { count, figures, share, total, DASH } from "../format.js";
import { providerClass } from "../kinds.js";
import { dashboard as words, oddities, provider } from "../words.js";
import { segments } from "./controls.js";

const SHOWN = 8;
/** More than this are told as a sum. */
const LIMIT = 200;
const KINDS = ["model", "project", "provider", "session"];
const [NO_PRICE] = oddities({ priced: "unknown" });
/** What a row is as large as. */
const VALUES = { usd: (sums) => sums.cost_usd, tokens: (sums) => sums.input_tokens + sums.output_tokens };

function nameOf(group, by) {
  if (group.many) return words.others(group.many);
  if (group.key === null || group.key === "") return words.notAttributed;
  return by === "provider" ? provider(group.key) : group.key;
}

function createRow() {
  const mark = swatch(""),
    name = h("span"),
    odd = h("span", { class: "mark odd", title: NO_PRICE[1], hidden: true }, NO_PRICE[0]),
    bar = h("span", { class: "share", "aria-hidden": "true" }, h("i"));
  const cells = ["", "dim hide-narrow", "dim hide-narrow", "dim hide-narrow", ""].map((kind) =>
    h("td", { class: `num ${kind}` }),
  );
  const part = h("span", { class: "dim tab share-n" });
  const node = h("tr", {}, h("td", {}, h("span", { class: "name" }, mark, name, odd)), cells, h("td", {}, bar, " ", part));
  function update({ group, by, unit, all, largest, unpriced }) {
    const hasProvider = (by === "provider" || by === "model") && !group.many;
    const color = providerClass(by === "provider" ? group.key : group.provider);
    const value = VALUES[unit](group);
    set(mark, "class", `sw ${color}`);
    set(mark, "hidden", !hasProvider);
    text(name, nameOf(group, by));
    set(name, "title", group.key);
    name.classList.toggle("faint", group.key === null);
    set(odd, "hidden", !unpriced);
    const cached = group.input_tokens ? share(group.cache_read_tokens / group.input_tokens) : DASH;
    [
      count(group.calls),
      figures(group.input_tokens),
      figures(group.output_tokens),
      cached,
      total(group.cost_usd),
    ].forEach((figure, i) => text(cells[i], figure));
    set(bar, "class", hasProvider ? `share ${color}` : "share");
    vars(bar, { v: largest > 0 ? Math.min(100, Math.round((value / largest) * 1000) / 10) : 0 });
    text(part, all > 0 ? share(value / all) : DASH);
  }
  return { node, update };
}

/** `chosen()`: the {range, unit} of the chart; `refresh()` is asked for when another kind is chosen here. */
export function createBreakdown({ chosen, refresh }) {
  const title = h("h2"),
    period = h("span", { class: "faint small" });
  const body = h("tbody", { class: "rows" });
  const first = h("th", { scope: "col" });
  const none = h("p", { class: "blank", hidden: true }, words.noneYet);
  const more = h("button", {
    class: "btn small ghost",
    on: {
      click: () => {
        open = !open;
        show();
      },
    },
  });
  const foot = h("div", { class: "more", hidden: true }, more);
  const choice = segments({
    label: words.breakDownBy,
    value: "model",
    options: KINDS.map((kind) => [kind, words.kinds[kind]]),
    choose: () => {
      open = false;
      refresh();
    },
  });
  const column = (name, kind = "") => h("th", { scope: "col", class: `num ${kind}` }, words.columns[name]);
  const table = h(
    "table",
    {},
    h(
      "thead",
      { class: "grid-head" },
      h(
        "tr",
        {},
        first,
        column("calls"),
        ["in", "out", "cached"].map((name) => column(name, "hide-narrow")),
        column("cost"),
        h("th", { scope: "col" }, words.columns.share),
      ),
    ),
    body,
  );
  const draw = keyed(body, (row) => row.group.id, createRow);
  let told = null,
    unknown = new Set(),
    open = false;

  /** The rows there are, the last of them everything that is not told apart. */
  function rows() {
    const groups = told.groups.map((group) => ({ id: `${group.provider ?? ""}\u0000${group.key ?? ""}`, ...group }));
    if (!open) return groups.slice(0, SHOWN);
    return told.others ? [...groups, { id: "others", key: null, many: told.others, ...told.rest }] : groups;
  }

  function show() {
    const { by, unit, groups, others } = told;
    const value = VALUES[unit];
    const [all, largest] = [value(told.total), groups.length ? value(groups[0]) : 0];
    draw(
      rows().map((group) => {
        const unpriced = by === "model" && unknown.has(`${group.provider} ${group.key}`);
        return { group, by, unit, all, largest, unpriced };
      }),
    );
    text(title, words.tops[by]);
    text(first, words.kinds[by]);
    text(period, told.title);
    set(table, "aria-label", words.ordered(told.title, unit));
    set(foot, "hidden", groups.length <= SHOWN);
    text(more, open ? words.fewer : words.all(groups.length + others));
    set(table, "hidden", groups.length === 0);
    set(none, "hidden", groups.length > 0);
  }

  return {
    node: h(
      "section",
      { class: "card wide breakdown", "aria-label": words.breakdown },
      h("header", {}, title, period, h("span", { class: "spacer" }), choice.node),
      table,
      none,
      foot,
    ),
    /** Whoever groups the chart by something sees the same here, until another kind is chosen here. */
    follow: (kind) => choice.show(kind),
    /** Asks for the chart's time and unit, and for the models that no price is known for where models are shown. */
    async refresh() {
      const by = choice.value;
      const [answer, prices] = await Promise.all([
        api.breakdown({ ...chosen(), by, limit: LIMIT }),
        by === "model" ? api.prices() : null,
      ]);
      if (by !== choice.value) return;
      unknown = new Set((prices?.unknown_models ?? []).map((one) => `${one.provider} ${one.model}`));
      told = answer;
      show();
    },
  };
}
