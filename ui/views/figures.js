// A handful of figures that answer "compared with what?". One line each: a term, a remark, a number.
import { h, set, text } from "../dom.js";
import {
  DASH,
  call,
  change,
  clock,
  count,
  dayDate,
  date,
  figures,
  latency,
  percent,
  share,
  total,
  weekdayName,
} from "../format.js";

const DAY_MS = 86_400_000;

/** The lines, from a summary: [key, term, remark, figure]. Pure. */
export function lines(s, now = Date.now()) {
  const tokens = s.month.input_tokens + s.month.output_tokens;
  const many = (n) => `${n < 10_000 ? count(n) : figures(n)} ${n === 1 ? "call" : "calls"}`;
  return [
    [
      "today",
      "Today so far",
      s.change_percent === null ? many(s.today.calls) : `${change(s.change_percent)} on yesterday`,
      total(s.today.cost_usd),
    ],
    ["yesterday", "Yesterday", weekdayName(now - DAY_MS), total(s.yesterday.cost_usd)],
    [
      "peak_day",
      "Peak day",
      s.peak_day ? dayDate(s.peak_day.start, now) : "",
      s.peak_day ? total(s.peak_day.cost_usd) : DASH,
    ],
    [
      "peak_hour",
      "Peak hour",
      s.peak_hour ? `${date(s.peak_hour.start, now)}, ${clock(s.peak_hour.start)}` : "",
      s.peak_hour ? total(s.peak_hour.cost_usd) : DASH,
    ],
    [
      "projected",
      "Month, projected",
      s.month_limit_usd === null ? "" : `of ${total(s.month_limit_usd)}`,
      total(s.month_projection_usd, s.month_limit_usd === null ? [] : [s.month_limit_usd]),
    ],
    [
      "week",
      "Last 7 days",
      s.weekly_growth_percent === null ? "" : "on the 7 before",
      s.weekly_growth_percent === null ? DASH : change(s.weekly_growth_percent),
    ],
    [
      "price",
      "A million tokens",
      tokens && s.input_share !== null ? `${share(s.input_share)} input` : "",
      s.cost_per_million_tokens_usd === null ? DASH : total(s.cost_per_million_tokens_usd),
    ],
    [
      "success",
      "Calls that worked",
      s.latency_ms.p50 === null ? "" : `${latency(s.latency_ms.p50)} median`,
      s.success_rate === null ? DASH : percent(s.success_rate * 100),
    ],
    [
      "lifetime",
      "Lifetime",
      many(s.lifetime.calls),
      s.lifetime.cost_usd < 1 ? call(s.lifetime.cost_usd) : total(s.lifetime.cost_usd),
    ],
  ];
}

export function createFigures() {
  const list = h("dl", { class: "stats" });
  const rows = new Map();
  function row(key) {
    if (!rows.has(key)) {
      const term = h("dt"),
        remark = h("span"),
        figure = document.createTextNode("");
      list.append(h("div", {}, term, h("dd", {}, remark, figure)));
      rows.set(key, { term, remark, figure });
    }
    return rows.get(key);
  }
  return {
    node: h("section", { class: "card", "aria-label": "Figures" }, h("header", {}, h("h2", {}, "Figures")), list),
    update(summary) {
      for (const [key, term, remark, figure] of lines(summary)) {
        const cells = row(key);
        text(cells.term, term);
        text(cells.remark, remark);
        set(cells.remark, "hidden", !remark);
        if (cells.figure.data !== figure) cells.figure.data = figure;
      }
      set(
        list,
        "title",
        summary.latency_ms.p95 === null ? null : `95 % of calls answer within ${latency(summary.latency_ms.p95)}`,
      );
    },
  };
}
