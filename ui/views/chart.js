// Spend over time: the drawing comes from the server at exactly the width there is, as the same picture a report would
// show; what can be pointed at and read aloud is laid over it (chart-reading.js). Not here: any drawing of bars.
import * as api from "../api.js";
import { fill, h, set, swatch, text, vars } from "../dom.js";
import { amount as shown, inDollars } from "../format.js";
import { dashboard as words } from "../words.js";
import { createReading } from "./chart-reading.js";
import { segments, select } from "./controls.js";
import { seriesName, seriesSwatch, theme } from "./series.js";

/** The axis is drawn in dollars, and so is told what stands beside it. */
const amount = (value, unit) => inDollars(() => shown(value, unit));

const height = (width) => (width < 500 ? 180 : 196);
const named = (ids, names) => ids.map((id) => [id, names[id]]);
const RANGES = named(["today", "month", "30d", "12m"], words.ranges);
const UNITS = named(["usd", "tokens"], words.units);
const BYS = named(["provider", "model", "project", "session"], words.bys);

/** `changed(name)` is told when another range, unit or grouping is chosen. */
export function createChart({ changed }) {
  const choice = { range: "month", unit: "usd", by: "provider" };
  const title = h("div", { class: "small faint" }),
    total = h("b");
  const plot = h("div", { class: "plot", tabindex: "0", role: "img", "aria-keyshortcuts": "ArrowLeft ArrowRight" });
  const legend = h("div", { class: "legend" });
  const reading = createReading(plot);
  const choose = (name) => (value) => {
    choice[name] = value;
    quietly();
    changed(name);
  };
  const range = segments({ label: words.range, options: RANGES, value: choice.range, choose: choose("range") });
  range.node.classList.add("range");
  const node = h(
    "section",
    { class: "card wide chart", "aria-label": words.spendOverTime },
    h(
      "header",
      {},
      h("div", { class: "big" }, title, total),
      range.node,
      segments({ label: words.unit, options: UNITS, value: choice.unit, choose: choose("unit") }).node,
      select({ label: words.groupedBy, options: BYS, value: choice.by, choose: choose("by") }).node,
    ),
    plot,
    reading.below,
    legend,
    reading.table,
  );
  let picture = null,
    pictured = "",
    drawn = "",
    asked = 0,
    visible = false,
    resize = null;

  /** Fetches numbers and picture together; an answer that was overtaken by a newer question is dropped. */
  async function refresh() {
    const width = Math.floor(plot.getBoundingClientRect().width);
    if (!visible || width < 120) return;
    const question = (asked += 1);
    const [data, svg] = await Promise.all([
      api.chart(choice),
      api.chartSvg({ ...choice, theme: theme(), width, height: height(width) }),
    ]);
    if (question !== asked) return;
    await show(svg, width);
    if (question !== asked) return;
    text(title, data.title);
    text(total, amount(data.total, data.unit));
    set(plot, "aria-label", data.sentence);
    const key = JSON.stringify([data.series, data.projected_total, data.rule, theme()]);
    if (key !== drawn) {
      drawn = key;
      drawLegend(data);
    }
    reading.update(data, width);
  }

  /** The picture is decoded before it takes the old one's place, so nothing flickers. */
  async function show(svg, width) {
    const key = `${width} ${svg}`;
    if (key === pictured) return;
    const next = new Image();
    next.alt = "";
    vars(next, { w: `${width}px` });
    next.width = width;
    next.height = height(width);
    next.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    try {
      await next.decode();
    } catch {
      return;
    }
    pictured = key;
    if (picture) picture.replaceWith(next);
    else plot.prepend(next);
    picture = next;
  }

  function drawLegend(data) {
    const entry = (mark, name, value) =>
      h(
        "span",
        { title: name },
        mark,
        h("span", { class: "of" }, name),
        value === undefined ? null : [" ", h("b", {}, value)],
      );
    fill(
      legend,
      data.series.map((series) =>
        entry(seriesSwatch(series), seriesName(series.key, data.by), amount(series.total, data.unit)),
      ),
      data.projected_total > 0 && entry(swatch("ghost"), words.toCome, amount(data.projected_total, data.unit)),
      data.rule && entry(swatch("rule"), words.evenSpending),
    );
  }

  const quietly = () => refresh().catch(() => {});
  new ResizeObserver(() => {
    clearTimeout(resize);
    resize = setTimeout(quietly, 120);
  }).observe(plot);
  document.addEventListener("theme-changed", quietly);

  return {
    node,
    refresh,
    get choice() {
      return choice;
    },
    show(next) {
      visible = next;
    },
  };
}
