// Who spent this month's money: by model, project or provider, dearest first.
// Not here: the course over time (chart.js).
import { h, keyed, set, swatch, text, vars } from "../dom.js";
import { count, figures, share, sum, total, DASH } from "../format.js";
import { providerClass } from "../kinds.js";
import { dashboard as words, oddities, provider } from "../words.js";
import { segments } from "./controls.js";

const SHOWN = 8;
const [NO_PRICE] = oddities({ priced: "unknown" });
const TOKENS = ["input_tokens", "output_tokens", "cache_read_tokens", "calls"];

/** The buckets of an answer added up: [{key, provider, calls, …}], dearest first. */
export function addedUp(buckets) {
  const groups = new Map();
  for (const bucket of buckets) {
    for (const group of bucket.groups) {
      const id = `${group.provider ?? ""}\u0000${group.key ?? ""}`;
      const all = groups.get(id);
      if (!all) groups.set(id, { id, ...group });
      else {
        for (const field of TOKENS) all[field] += group[field];
        all.cost_usd = sum([all.cost_usd, group.cost_usd]);
      }
    }
  }
  return [...groups.values()].sort((a, b) => b.cost_usd - a.cost_usd || b.calls - a.calls);
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
  function update({ group, by, all, largest, unpriced }) {
    const whose = by === "provider" ? group.key : group.provider;
    const color = providerClass(whose);
    set(mark, "class", `sw ${color}`);
    set(mark, "hidden", by === "project");
    text(
      name,
      group.key === null || group.key === "" ? words.notAttributed : by === "provider" ? provider(group.key) : group.key,
    );
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
    set(bar, "class", by === "project" ? "share" : `share ${color}`);
    vars(bar, { v: largest > 0 ? Math.round((group.cost_usd / largest) * 1000) / 10 : 0 });
    text(part, all > 0 ? share(group.cost_usd / all) : DASH);
  }
  return { node, update };
}

export function createBreakdown({ refresh }) {
  const title = h("h2"),
    period = h("span", { class: "faint small" });
  const body = h("tbody", { class: "rows" });
  const first = h("th");
  const none = h("p", { class: "blank", hidden: true }, words.noneThisMonth);
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
    options: ["model", "project", "provider"].map((kind) => [kind, words.kinds[kind]]),
    choose: () => {
      open = false;
      refresh();
    },
  });
  const table = h(
    "table",
    { "aria-label": words.dearestFirst },
    h(
      "thead",
      { class: "grid-head" },
      h(
        "tr",
        {},
        first,
        h("th", { class: "num" }, words.columns.calls),
        ["in", "out", "cached"].map((name) => h("th", { class: "num hide-narrow" }, words.columns[name])),
        h("th", { class: "num" }, words.columns.cost),
        h("th", {}, words.columns.share),
      ),
    ),
    body,
  );
  const draw = keyed(body, (row) => row.group.id, createRow);
  let groups = [],
    by = "model",
    unknown = new Set(),
    open = false;

  function show() {
    const all = sum(groups.map((group) => group.cost_usd));
    const largest = groups[0]?.cost_usd ?? 0;
    draw(
      (open ? groups : groups.slice(0, SHOWN)).map((group) => {
        const unpriced = by === "model" && unknown.has(`${group.provider} ${group.key}`);
        return { group, by, all, largest, unpriced };
      }),
    );
    text(title, words.tops[by]);
    text(first, words.kinds[by]);
    set(foot, "hidden", groups.length <= SHOWN);
    text(more, open ? words.fewer : words.all(groups.length));
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
    get by() {
      return choice.value;
    },
    /** `strange`: the models that no price is known for. */
    update(usage, chosen, month, strange) {
      by = chosen;
      unknown = new Set(strange.map((one) => `${one.provider} ${one.model}`));
      groups = addedUp(usage.buckets);
      text(period, month);
      show();
    },
  };
}
