// What the dashboard says of the standings it is given: which card, which order, which words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { configure } from "../../ui/format.js";
import { grouped, mark } from "../../ui/views/cards.js";
import { reading } from "../../ui/views/meter.js";
import { deniedBy, history, outcome, windowNow } from "../../ui/words.js";

configure({ numbers: "en-US", times: "en-GB", zone: "Europe/Berlin" });
const now = Date.parse("2026-11-22T13:40:30Z");
const DAY = { kind: "day", start: "2026-11-22T00:00:00+01:00", end: "2026-11-23T00:00:00+01:00" };
const MONTH = { kind: "month", start: "2026-11-01T00:00:00+01:00", end: "2026-12-01T00:00:00+01:00" };
const standing = (changes = {}) => ({
  budget: "a",
  name: "OpenAI today",
  scope: { provider: "openai" },
  window: DAY,
  unit: "usd",
  limit: 1,
  used: 0.6412,
  reserved: 0.06,
  remaining: 0.2988,
  percent: 64,
  level: "ok",
  action: "block",
  buffer: 0,
  thresholds: [80, 95],
  override: null,
  pace_percent: 61.1,
  forecast: { at_end: 1.3, exhausted_at: "2026-11-22T16:20:00Z" },
  ...changes,
});

test("OpenAI and Gemini come first, then other providers, then narrower scopes, and all calls last", () => {
  const cards = grouped([
    standing({ budget: "1", scope: {} }),
    standing({ budget: "2", scope: { project: "eval" } }),
    standing({ budget: "3", scope: { provider: "anthropic" } }),
    standing({ budget: "4", scope: { provider: "openai", model: "gpt-5" } }),
    standing({ budget: "5" }),
  ]);
  assert.deepEqual(
    cards.map((card) => card.title),
    ["OpenAI", "Gemini", "Anthropic", "OpenAI gpt-5", "Project eval", "All calls"],
  );
  assert.equal(cards[1].standings.length, 0, "Gemini has its card without a budget");
});

test("the lines of a card go from the shortest window to the longest", () => {
  const [card] = grouped(
    ["month", "total", "minute", "day"].map((kind, i) =>
      standing({ budget: String(i), name: kind, window: { ...DAY, kind } }),
    ),
  );
  assert.deepEqual(
    card.standings.map((one) => one.name),
    ["minute", "day", "month", "total"],
  );
});

test("a card of which nothing is left but what is reserved does not say that all is well", () => {
  const of = (...changes) => mark(changes.map((change) => standing(change)), false);
  assert.deepEqual(of({}), { level: "ok", word: "OK" });
  assert.deepEqual(of({}, { reserved: 0.36, remaining: 0 }), { level: "warning", word: "Rest reserved" });
  assert.deepEqual(of({ level: "critical", reserved: 0.03, remaining: 0 }), { level: "critical", word: "Rest reserved" });
  assert.deepEqual(of({ level: "exceeded", reserved: 0.03, remaining: 0 }), { level: "exceeded", word: "Exceeded" });
  assert.equal(of({ reserved: 0.3, remaining: 0.06, buffer: 0.1 }).word, "Rest reserved", "what is kept back is not left");
  assert.equal(of({ reserved: 0.36, remaining: 0, action: "warn" }).word, "OK", "a budget that warns denies nothing");
  assert.equal(mark([standing({ reserved: 0.36, remaining: 0 })], true).level, "paused");
});

test("a line says what is used, left, reserved, and how it will end", () => {
  const line = reading(standing(), { now });
  assert.deepEqual(
    [line.used, line.limit, line.percent, line.left, line.held, line.end, line.soon],
    ["$0.64", "of $1.00", "64\u00a0%", "$0.29 left", "$0.06 reserved", "full at 17:20", true],
  );
  assert.equal(
    line.valuetext,
    "$0.64 of $1.00, 64 percent, $0.06 reserved, full at about 17:20",
    "a meter says it all aloud",
  );
});

test("what is left is rounded down, and never to nothing", () => {
  const left = (remaining, more = {}) => reading(standing({ used: 0, remaining, ...more }), { now }).left;
  assert.deepEqual(
    [1, 0.9972, 0.3, 0.299999999, 0.0099, 0.000043, 0.000000001, 0].map((remaining) => left(remaining)),
    ["$1.00 left", "$0.99 left", "$0.30 left", "$0.29 left", "$0.0099 left", "$0.00004 left", "$0.000000001 left", "$0 left"],
  );
  const tokens = { unit: "tokens", limit: 1_000_000 };
  assert.equal(left(999_600, tokens), "999K left");
  assert.equal(left(9_999, tokens), "9,999 left");
});

test("a limit that holds is told by where the window will end", () => {
  assert.equal(reading(standing({ forecast: { at_end: 0.81 } }), { now }).end, "ends at $0.81");
  assert.equal(
    reading(standing({ window: MONTH, forecast: { at_end: 12, exhausted_at: "2026-11-27T09:00:00Z" } }), { now }).end,
    "full on 27 Nov",
  );
});

test("paused or stale, a line forecasts nothing", () => {
  const line = reading(standing(), { quiet: true, now });
  assert.deepEqual([line.end, line.ghost, line.soon], ["", 0, false]);
});

test("an exceeded limit is never shown as met, and says when it is free", () => {
  const line = reading(
    standing({
      used: 1.0038,
      reserved: 0,
      remaining: -0.0038,
      percent: 100,
      level: "exceeded",
      forecast: { at_end: 1.4 },
    }),
    { now },
  );
  assert.deepEqual([line.used, line.left, line.end], ["$1.0038", "$0.0038 over", "free at 00:00"]);
  assert.equal(
    reading(standing({ window: MONTH, used: 1.2, level: "exceeded", percent: 120, forecast: { at_end: 1.4 } }), { now })
      .end,
    "free on 1 Dec",
  );
});

test("tokens are counted in their own unit", () => {
  const line = reading(
    standing({
      unit: "tokens",
      limit: 1_000_000,
      used: 482_311,
      reserved: 12_000,
      remaining: 455_689,
      percent: 48,
      buffer: 50_000,
      forecast: { at_end: 790_000 },
    }),
    { now },
  );
  assert.deepEqual(
    [line.used, line.limit, line.left, line.held, line.end],
    ["482K", "of 1M tokens", "455K left", "12,000 reserved", "ends at 790K"],
  );
});

test("a month is called by its name, in the budget's own zone", () => {
  assert.equal(windowNow(MONTH), "November");
  assert.equal(windowNow({ kind: "month", start: "2027-01-01T00:00:00+13:00" }), "January");
});

test("denied is ours, failed is the provider's", () => {
  assert.equal(outcome({ ok: true }), null);
  assert.equal(outcome({ ok: false, status: 429, error: "rate limited" }), "failed 429");
  assert.equal(outcome({ ok: false, status: null, error: "timed out" }), "failed");
  const stopped = { ok: false, status: 402, counted: false, error: "denied: budget_exceeded by openai-day" };
  assert.equal(outcome(stopped), "denied");
  assert.equal(outcome({ ...stopped, counted: true, error: "denied: the provider says so" }), "failed 402");
});

test("a denied call names the budget that denied it, or why else", () => {
  const denied = (why, standings) => deniedBy({ ok: false, counted: false, error: `denied: ${why}` }, standings);
  const standings = [standing({ budget: "openai-day" })];
  assert.equal(denied("budget_exceeded by openai-day", standings), "Denied by OpenAI today");
  assert.equal(denied("budget_exceeded by run-1", standings), "Denied by the budget run-1", "it may be gone");
  assert.equal(denied("paused"), "Denied while Spendlight was paused");
  assert.equal(denied("price_unknown"), "Denied: no price is known for its model");
  assert.equal(deniedBy({ ok: false, counted: true, error: "timed out" }, standings), null);
});

test("a day in the history tells how many calls count, and of what does not", () => {
  assert.equal(history.tally({ entries: 3, calls: 2 }), "2 calls, 1 not counted");
  assert.equal(history.tally({ entries: 1, calls: 0 }), "1 not counted");
  assert.equal(history.tally({ entries: 1, calls: 1 }), "1 call");
});
