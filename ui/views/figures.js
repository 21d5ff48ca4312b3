// A handful of figures that answer "compared with what?". One line each: a term, a remark, a number.
import { h, set, text } from "../dom.js";
import {
  DASH,
  call,
  calls,
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
import { dashboard as words } from "../words.js";

const DAY_MS = 86_400_000;

/** The lines, from a summary: [key, remark, figure]. Pure. */
export function lines(s, now = Date.now()) {
  const tokens = s.month.input_tokens + s.month.output_tokens;
  const many = (n) => (n < 10_000 ? calls(n) : words.manyCalls(figures(n)));
  return [
    [
      "today",
      s.change_percent === null ? many(s.today.calls) : words.onYesterday(change(s.change_percent)),
      total(s.today.cost_usd),
    ],
    ["yesterday", weekdayName(now - DAY_MS), total(s.yesterday.cost_usd)],
    [
      "peak_day",
      s.peak_day ? dayDate(s.peak_day.start, now) : "",
      s.peak_day ? total(s.peak_day.cost_usd) : DASH,
    ],
    [
      "peak_hour",
      s.peak_hour ? words.hourOf(date(s.peak_hour.start, now), clock(s.peak_hour.start)) : "",
      s.peak_hour ? total(s.peak_hour.cost_usd) : DASH,
    ],
    [
      "projected",
      s.month_limit_usd === null ? "" : words.ofLimit(total(s.month_limit_usd)),
      total(s.month_projection_usd, s.month_limit_usd === null ? [] : [s.month_limit_usd]),
    ],
    [
      "week",
      s.weekly_growth_percent === null ? "" : words.onTheWeekBefore,
      s.weekly_growth_percent === null ? DASH : change(s.weekly_growth_percent),
    ],
    [
      "price",
      tokens && s.input_share !== null ? words.input(share(s.input_share)) : "",
      s.cost_per_million_tokens_usd === null ? DASH : total(s.cost_per_million_tokens_usd),
    ],
    [
      "success",
      s.latency_ms.p50 === null ? "" : words.median(latency(s.latency_ms.p50)),
      s.success_rate === null ? DASH : percent(s.success_rate * 100),
    ],
    [
      "lifetime",
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
    node: h("section", { class: "card", "aria-label": words.figures }, h("header", {}, h("h2", {}, words.figures)), list),
    update(summary) {
      for (const [key, remark, figure] of lines(summary)) {
        const cells = row(key);
        text(cells.term, words.terms[key]);
        text(cells.remark, remark);
        set(cells.remark, "hidden", !remark);
        if (cells.figure.data !== figure) cells.figure.data = figure;
      }
      set(
        list,
        "title",
        summary.latency_ms.p95 === null ? null : words.answeredWithin(latency(summary.latency_ms.p95)),
      );
    },
  };
}
