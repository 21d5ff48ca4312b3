// What can be pointed at in the chart: the column under the pointer or chosen with ← and →, its figures beside it, and
// the same numbers as a table. Column i of n starts at 38 + i * (width - 44) / n, as it is drawn. Not here: fetching
// (chart.js).
import { fill, h, set, swatch, text } from "../dom.js";
import { amount as shown, calls, clock, count, dayDate, inDollars, monthYear } from "../format.js";
import { dashboard as words } from "../words.js";
import { seriesName, seriesSwatch } from "./series.js";

/** The axis is drawn in dollars, and so is told what stands beside it. */
const amount = (value, unit) => inDollars(() => shown(value, unit));

const LEFT = 38,
  SIDES = 44;
const DAY_MS = 86_400_000;

/** A column's name: "Tue 10 Nov", "14:00 – 15:00", "November 2026". */
function columnName(column, range) {
  if (range === "today") return `${clock(column.start)} – ${clock(column.end)}`;
  return Date.parse(column.end) - Date.parse(column.start) > 2 * DAY_MS
    ? monthYear(column.start)
    : dayDate(column.start);
}

export function createReading(plot) {
  const band = h("i", { class: "band", hidden: true });
  const pop = h("div", { class: "pop", hidden: true, "aria-hidden": "true" });
  const spoken = h("div", { class: "vh", "aria-live": "polite" });
  const below = h("div", { class: "reading" });
  const tabular = h("div", { class: "tabular", tabindex: "0", role: "region", "aria-label": words.chartAsTable });
  const table = h("details", { on: { toggle: drawTable } }, h("summary", {}, words.asTable), tabular);
  plot.append(band, pop);
  below.append(spoken);
  const inline = h("div");
  below.append(inline);
  let data = null,
    width = 0,
    chosen = null,
    byKeys = false;

  const columnWidth = () => (width - SIDES) / data.columns.length;
  const color = (key) => data.series.find((series) => series.key === key);

  function choose(i, keys = false) {
    byKeys = keys;
    if (i === chosen) return;
    chosen = i;
    draw();
    if (keys && i !== null) text(spoken, sentence(data.columns[i]));
  }

  function sentence(column) {
    const groups = column.groups
      .filter((group) => group.value > 0)
      .map((group) => `${seriesName(group.key, data.by)} ${amount(group.value, data.unit)}`);
    return words.column({
      name: columnName(column, data.range),
      total: amount(column.total, data.unit),
      projected: column.projected > 0 ? amount(column.projected, data.unit) : "",
      calls: calls(column.calls),
      groups,
    });
  }

  function draw() {
    const column = chosen === null ? null : data?.columns[chosen];
    set(band, "hidden", !column);
    set(pop, "hidden", !column);
    below.classList.toggle("is-open", Boolean(column));
    if (!column) return;
    const left = LEFT + chosen * columnWidth();
    band.style.left = `${left}px`;
    band.style.width = `${columnWidth()}px`;
    fill(pop, figuresOf(column));
    fill(inline, figuresOf(column));
    const box = pop.offsetWidth;
    const right = left + columnWidth() + 8;
    pop.style.left = `${right + box <= width ? right : Math.max(0, left - 8 - box)}px`;
    pop.style.top = "-6px";
  }

  function figuresOf(column) {
    const groups = data.series
      .map((series) => column.groups.find((group) => group.key === series.key))
      .filter((group) => group && group.value > 0)
      .reverse();
    const row = (mark, name, value, kind) => [
      h("dt", { class: kind }, mark, name),
      h("dd", { class: kind && "dim" }, value),
    ];
    return [
      h("h3", {}, columnName(column, data.range), " ", h("span", { class: "tab" }, amount(column.total, data.unit))),
      h(
        "dl",
        {},
        groups.map((group) =>
          row(seriesSwatch(color(group.key) ?? group), seriesName(group.key, data.by), amount(group.value, data.unit)),
        ),
        column.projected > 0 && row(swatch("ghost"), words.projected, amount(column.projected, data.unit)),
        row(null, words.calls, count(column.calls), "faint"),
      ),
    ];
  }

  function drawTable() {
    if (!table.open || !data) return;
    const series = data.series;
    const value = (column, key) => column.groups.find((group) => group.key === key)?.value ?? 0;
    fill(
      tabular,
      h(
        "table",
        {},
        h(
          "thead",
          { class: "grid-head" },
          h(
            "tr",
            {},
            h("th", {}, words.when),
            series.map((one) => h("th", { class: "num" }, seriesName(one.key, data.by))),
            h("th", { class: "num" }, words.total),
            h("th", { class: "num" }, words.calls),
          ),
        ),
        h(
          "tbody",
          { class: "rows" },
          data.columns
            .filter((column) => column.total > 0 || column.calls > 0)
            .map((column) =>
              h(
                "tr",
                {},
                h("td", { class: "dim" }, columnName(column, data.range)),
                series.map((one) => h("td", { class: "num" }, amount(value(column, one.key), data.unit))),
                h("td", { class: "num" }, amount(column.total, data.unit)),
                h("td", { class: "num dim" }, count(column.calls)),
              ),
            ),
        ),
      ),
    );
  }

  function at(event) {
    if (!data?.columns.length) return null;
    const x = event.clientX - plot.getBoundingClientRect().left - LEFT;
    const i = Math.floor(x / columnWidth());
    return i >= 0 && i < data.columns.length ? i : null;
  }

  plot.addEventListener("pointermove", (event) => choose(at(event)));
  plot.addEventListener("pointerdown", (event) => choose(at(event)));
  plot.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") choose(null);
  });
  plot.addEventListener("blur", () => {
    if (byKeys) choose(null);
  });
  plot.addEventListener("keydown", (event) => {
    if (!data?.columns.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = data.columns.length - 1;
    const today = data.columns.findIndex((column) => column.today);
    const from = chosen ?? (today < 0 ? last : today);
    const to = {
      ArrowLeft: chosen === null ? from : Math.max(0, from - 1),
      ArrowRight: chosen === null ? from : Math.min(last, from + 1),
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "Escape" && chosen !== null) {
      event.preventDefault();
      choose(null);
    }
    if (to === undefined) return;
    event.preventDefault();
    choose(to, true);
  });

  return {
    table,
    below,
    update(next, nextWidth) {
      const shape =
        data &&
        (data.range !== next.range ||
          data.by !== next.by ||
          data.unit !== next.unit ||
          data.columns.length !== next.columns.length);
      data = next;
      width = nextWidth;
      if (shape || (chosen !== null && chosen >= data.columns.length)) chosen = null;
      draw();
      drawTable();
    },
  };
}
