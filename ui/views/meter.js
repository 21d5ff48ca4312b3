// One budget's line on a card: what is used of what, the meter, what is left and how it will end; the exact figures
// behind it on hover. It is updated in place, so that the bar's width moves and nothing else does. Not here: which
// budgets share a card (cards.js).
import { fill, h, set, swatch, text, vars } from "../dom.js";
import * as format from "../format.js";
import { providerClass } from "../kinds.js";
import { dashboard as words, level as levelWord, unitWord, windowNow } from "../words.js";

const capped = (part) => Math.max(0, Math.min(100, part));
const round = (n) => Math.round(n * 100) / 100;

/** Everything a line says, from a standing: pure, so that it can be tested without a page. */
export function reading(s, { quiet = false, now = Date.now() } = {}) {
  const marks = [s.limit, ...s.thresholds.map((t) => (s.limit * t) / 100)];
  const word = unitWord(s.unit);
  const over = s.used > s.limit;
  const full = !quiet && s.forecast?.exhausted_at && s.level !== "exceeded" ? s.forecast.exhausted_at : null;
  const at_end = quiet ? null : (s.forecast?.at_end ?? null);
  const left = over
    ? words.over(format.amount(s.used - s.limit, s.unit))
    : words.left(format.left(Math.max(0, s.remaining), s.unit));
  const held = s.reserved > 0 ? words.reserved(format.least(s.reserved, s.unit)) : "";
  let end = "";
  if (full)
    end =
      s.window.kind === "minute"
        ? words.fullThisMinute
        : s.window.kind === "total" && !format.sameDay(full, now)
          ? words.fullOn(format.date(full, now))
          : words.full(format.when(full, now, format.forecast));
  else if (!quiet && s.level === "exceeded" && s.window.end)
    end = format.sameDay(Date.parse(s.window.end) - 1, now)
      ? words.freeAt(format.clock(s.window.end))
      : words.freeOn(format.date(s.window.end, now));
  else if (at_end !== null && s.window.kind !== "total" && at_end > s.used && !over)
    end = words.endsAt(format.amount(at_end, s.unit, marks));
  const used = format.amount(s.used, s.unit, marks);
  const limit = format.amount(s.limit, s.unit);
  const said = [
    words.usedOf(used, `${limit}${word}`),
    words.percent(s.percent),
    s.level === "ok" ? "" : levelWord(s.level).toLowerCase(),
    held,
    end && words.about(end),
  ];
  return {
    used,
    limit: words.ofLimit(`${limit}${word}`),
    percent: format.percent(s.percent),
    left,
    held,
    end,
    full: Boolean(full),
    soon: Boolean(full) || s.level === "exceeded",
    ghost: at_end !== null && s.limit > 0 ? round((at_end / s.limit) * 100) : 0,
    valuetext: said.filter(Boolean).join(", "),
  };
}

export function createLine(first) {
  const name = h("span", { class: "when" });
  const used = h("b"),
    limit = h("span", { class: "dim" }),
    pct = h("span", { class: "pct" });
  const ghost = h("i", { class: "ghost" }),
    bar = h("i", { class: "used" }),
    held = h("i", { class: "held" }),
    pace = h("i", { class: "pace" });
  const meter = h(
    "div",
    { class: "meter", role: "meter", tabindex: "0", "aria-valuemin": "0" },
    ghost,
    bar,
    held,
    pace,
  );
  const pop = h("div", { class: "pop meter-pop", "aria-hidden": "true" });
  const left = h("span"),
    leftWords = h("span"),
    heldWords = h("span", { class: "held-note" }),
    end = h("span", { class: "end" });
  left.append(leftWords, heldWords);
  const node = h(
    "div",
    { class: "line" },
    h("div", { class: "top" }, name, used, limit, pct),
    meter,
    pop,
    h("div", { class: "sub" }, left, end),
  );
  let tickKey = "",
    popKey = "";

  function update({ standing: s, quiet, stale }) {
    const r = reading(s, { quiet });
    const color = providerClass(s.scope.provider);
    const loud = s.level !== "ok";
    text(name, windowNow(s.window));
    set(name, "title", s.name);
    set(used, "class", s.used > 0 ? null : "faint");
    text(used, r.used);
    text(limit, r.limit);
    text(pct, r.percent);
    set(pct, "class", loud ? `pct lv l-${s.level}` : "pct");
    set(meter, "class", `meter ${color}${loud ? ` l-${s.level}` : ""}`);
    set(meter, "aria-label", s.name);
    set(meter, "aria-valuemax", s.limit);
    set(meter, "aria-valuenow", Math.min(s.used, s.limit));
    set(meter, "aria-valuetext", r.valuetext);
    const part = s.limit > 0 ? (s.used / s.limit) * 100 : 100;
    const reserved = s.limit > 0 ? (s.reserved / s.limit) * 100 : 0;
    vars(meter, {
      used: round(capped(part)),
      held: round(Math.min(reserved, 100 - capped(part))),
      ghost: capped(r.ghost),
      pace: s.pace_percent ?? 0,
    });
    set(ghost, "hidden", r.ghost <= part || quiet);
    ghost.classList.toggle("over", r.ghost > 100);
    set(held, "hidden", !(s.reserved > 0) || part >= 100);
    set(pace, "hidden", s.pace_percent === null || s.pace_percent === undefined || stale);
    drawTicks(s.thresholds);
    text(leftWords, r.left);
    const heldKey = `${color} ${r.held}`;
    if (heldWords.dataset.key !== heldKey) {
      heldWords.dataset.key = heldKey;
      fill(heldWords, r.held && [swatch(`hatch ${color}`), r.held]);
    }
    text(end, r.end);
    set(end, "class", r.soon ? `end soon${loud ? ` l-${s.level}` : ""}` : "end");
    drawPop(s, r, color, stale);
  }

  function drawTicks(thresholds) {
    const key = thresholds.join(" ");
    if (key === tickKey) return;
    tickKey = key;
    for (const tick of meter.querySelectorAll(".tick")) tick.remove();
    pace.before(...thresholds.filter((t) => t < 100).map((at) => h("i", { class: "tick", vars: { at } })));
  }

  function drawPop(s, r, color, stale) {
    const figure = (value) => format.exact(value, s.unit);
    const rows = [[words.exactly.used, figure(s.used), color]];
    if (s.reserved > 0) rows.push([words.exactly.reserved, figure(s.reserved), `hatch ${color}`]);
    rows.push(
      s.used > s.limit
        ? [words.exactly.over, figure(s.used - s.limit), "left"]
        : [words.exactly.left, figure(Math.max(0, s.remaining)), "left"],
    );
    if (s.buffer > 0) rows.push([words.exactly.buffer, figure(s.buffer), "left"]);
    if (!stale && s.pace_percent !== null && s.pace_percent !== undefined)
      rows.push([
        words.exactly.pace,
        format.amount(
          s.unit === "usd" ? (s.limit * s.pace_percent) / 100 : Math.round((s.limit * s.pace_percent) / 100),
          s.unit,
        ),
        "mark-pace",
      ]);
    if (r.full) rows.push([words.exactly.rate, r.end, `forecast ${color}`]);
    if (s.override)
      rows.push([
        words.raisedUntil(
          format.sameDay(s.override.until, Date.now()) ? format.clock(s.override.until) : format.date(s.override.until),
        ),
        figure(s.override.limit),
        "rule",
      ]);
    const key = JSON.stringify([s.name, rows]);
    if (key === popKey) return;
    popKey = key;
    fill(
      pop,
      h("span", { class: "named" }, s.name),
      h(
        "dl",
        {},
        rows.map(([term, value, mark]) => [h("dt", {}, swatch(mark), term), h("dd", {}, value)]),
      ),
    );
  }

  update(first);
  return { node, update, focus: () => meter.focus() };
}
