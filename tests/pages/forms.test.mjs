// What the forms of the settings mean, and what they say is wrong before anything is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { calls, configure, days, editable, numberIn } from "../../ui/format.js";
import { fields, filled, plain, raised, read, TEMPLATES } from "../../ui/views/settings/budget-form.js";
import { backtest } from "../../ui/words.js";
import { readKey } from "../../ui/views/settings/key-form.js";
import { readPrice } from "../../ui/views/settings/price-form.js";
import { nextMidnight, nextWeek } from "../../ui/zone.js";

const form = (changes = {}) => ({ ...fields(null, "Europe/Berlin"), limit: "1.00", ...changes });
const stored = {
  id: "a",
  name: "OpenAI today",
  scope: { provider: "openai" },
  window: "day",
  unit: "usd",
  limit: 1,
  buffer: 0.05,
  action: "block",
  thresholds: [80, 95],
  time_zone: null,
  enabled: true,
  override: null,
};

for (const [where, cases] of Object.entries({
  "en-US": [
    ["1,000,000", 1e6],
    ["1 000 000", 1e6],
    ["30M", 3e7],
    ["10k", 1e4],
    ["1.5M", 1.5e6],
    ["1,5M", 1.5e6],
    ["0.60", 0.6],
    ["0,60", 0.6],
    ["0,005", 0.005],
    ["$1.00", 1],
    ["1,284.07", 1284.07],
    ["1,000", 1000],
    [".5", 0.5],
    ["a", NaN],
    ["1.2.3", NaN],
    ["1,00,0", NaN],
    ["1.284,07", NaN],
    ["", NaN],
  ],
  "de-DE": [
    ["1.000.000", 1e6],
    ["1,5M", 1.5e6],
    ["0,60", 0.6],
    ["0.60", 0.6],
    ["0.005", 0.005],
    ["1.284,07", 1284.07],
    ["1.000", 1000],
    [",5", 0.5],
    ["1,284.07", NaN],
  ],
  "de-CH": [["1’284.07", 1284.07]],
  "fr-FR": [["1\u00a0284,07", 1284.07]],
  "hi-IN": [["12,84,070.50", 1284070.5]],
}))
  test(`a number is read as people write it: ${where}`, () => {
    configure({ numbers: where });
    for (const [text, expected] of cases) assert.equal(numberIn(text), expected, text);
    for (const value of [0, 0.000000001, 0.25, 1.5, 1284.07, 1284070.5])
      assert.equal(numberIn(editable(value, "usd")), value, `${value} is read back`);
    configure({ numbers: "en-US" });
  });

test("what is wrong is said at its field, in a sentence", () => {
  for (const [changes, field] of [
    [{ limit: "" }, "limit"],
    [{ limit: "-1" }, "limit"],
    [{ limit: "0" }, "limit"],
    [{ limit: "x" }, "limit"],
    [{ unit: "tokens", limit: "1.5" }, "limit"],
    [{ limit: "0.0000000001" }, "limit"],
    [{ buffer: "1.00" }, "buffer"],
    [{ buffer: "x" }, "buffer"],
    [{ thresholds: "" }, "thresholds"],
    [{ thresholds: "80, 100" }, "thresholds"],
    [{ thresholds: "80, 80" }, "thresholds"],
    [{ thresholds: "0" }, "thresholds"],
    [{ thresholds: "eighty" }, "thresholds"],
    [{ time_zone: "Berlin" }, "time_zone"],
    [{ name: "x".repeat(201) }, "name"],
  ]) {
    const { wrong } = read(form(changes));
    assert.deepEqual(Object.keys(wrong), [field], JSON.stringify(changes));
    assert.match(wrong[field], /^[A-Z].*\.$/, "it is a sentence");
  }
});

test("a sound form becomes a budget with a name of its own", () => {
  const { budget, wrong } = read(form({ provider: " openai ", thresholds: "95 80%", buffer: "" }));
  assert.deepEqual(wrong, {});
  assert.deepEqual(budget, {
    name: "OpenAI today",
    scope: { provider: "openai" },
    window: "day",
    unit: "usd",
    limit: 1,
    buffer: 0,
    action: "block",
    thresholds: [80, 95],
    time_zone: null,
    enabled: true,
    override: null,
  });
});

test("every template is sound", () => {
  for (const [words, template] of TEMPLATES) {
    const { budget, wrong } = read(form(filled(template)));
    assert.deepEqual(wrong, {}, words);
    assert.ok(budget.limit > budget.buffer, words);
  }
});

test("an edited budget keeps what the form does not show", () => {
  const base = {
    ...stored,
    scope: { provider: "openai", key: "k1" },
    enabled: false,
    // A raise that is over would not be kept.
    override: { limit: 2, until: new Date(Date.now() + 3_600_000).toISOString() },
  };
  const { budget } = read(fields(base, "UTC"), base);
  assert.deepEqual(budget, { ...base, scope: { key: "k1", provider: "openai" } });
});

test("a budget is sent back without what was only told about it", () => {
  assert.deepEqual(plain({ ...stored, created_at: "x" }), stored);
});

test("a raise is more than the limit", () => {
  assert.equal(raised("1.50", stored).value, 1.5);
  for (const text of ["1.00", "0.5", "", "-2", "x"]) assert.ok(raised(text, stored).wrong, text);
});

test("midnight is the next one in the budget's zone, also when a day is not 24 hours long", () => {
  for (const [at, zone, expected] of [
    ["2026-11-22T13:40:00Z", "Europe/Berlin", "2026-11-22T23:00:00.000Z"],
    ["2026-11-22T23:30:00Z", "Europe/Berlin", "2026-11-23T23:00:00.000Z"],
    ["2026-10-24T23:30:00Z", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
    ["2026-03-28T23:30:00Z", "Europe/Berlin", "2026-03-29T22:00:00.000Z"],
    ["2026-11-22T13:40:00Z", "UTC", "2026-11-23T00:00:00.000Z"],
    ["2026-12-31T13:40:00Z", "Asia/Kolkata", "2026-12-31T18:30:00.000Z"],
  ])
    assert.equal(nextMidnight(new Date(at), zone).toISOString(), expected, `${at} in ${zone}`);
});

test("a price is free or costs something, and a * stands at the end of a name", () => {
  const empty = { cache_read_usd_per_million: "", cache_write_usd_per_million: "" };
  const form = {
    provider: "Local",
    model: "llama*",
    input_usd_per_million: "0",
    output_usd_per_million: "0.5",
    ...empty,
  };
  const { price, wrong } = readPrice(form);
  assert.deepEqual(wrong, {});
  assert.deepEqual(price, {
    provider: "local",
    model: "llama*",
    input_usd_per_million: 0,
    output_usd_per_million: 0.5,
  });
  for (const [field, value] of [
    ["provider", ""],
    ["model", ""],
    ["model", "ll*ma"],
    ["input_usd_per_million", ""],
    ["output_usd_per_million", "x"],
  ]) {
    assert.deepEqual(Object.keys(readPrice({ ...form, [field]: value }).wrong), [field], `${field}: ${value}`);
  }
});

test("a key has a name, and models that end in a star at the most", () => {
  const form = { name: " Eval ", project: "", models: "gpt-5-mini*, local  m" };
  assert.deepEqual(readKey(form), { key: { name: "Eval", models: ["gpt-5-mini*", "local", "m"] }, wrong: {} });
  assert.deepEqual(readKey({ ...form, project: " p " }).key.project, "p");
  assert.deepEqual(Object.keys(readKey({ name: " ", project: "", models: "g*5" }).wrong), ["name", "models"]);
});

test("a budget of a key keeps its key", () => {
  const { budget, wrong } = read({ ...fields({ ...stored, scope: { key: "eval" } }, "UTC") }, stored);
  assert.deepEqual([budget.scope, wrong], [{ key: "eval" }, {}]);
});

test("what a limit would have done is one sentence, whatever the action and however many calls", () => {
  const said = (found, action) =>
    backtest({ calls: 90, ...found }, action, {
      calls: calls(found.stopped),
      days: days(found.days),
      first: "on 3 Nov",
    }).join("");
  const many = { stopped: 14, days: 3 };
  assert.equal(
    said(many, "block"),
    "In the last 30 days this limit would have stopped 14 calls on 3 days; the first on 3 Nov.",
  );
  assert.equal(
    said(many, "ask"),
    "In the last 30 days this limit would have asked about 14 calls on 3 days; the first on 3 Nov.",
  );
  assert.equal(
    said(many, "warn"),
    "In the last 30 days 14 calls on 3 days would have gone over this limit; the first on 3 Nov.",
  );
  assert.equal(
    said({ stopped: 1, days: 1 }, "block"),
    "In the last 30 days this limit would have stopped 1 call, on 3 Nov.",
  );
  assert.equal(said({ stopped: 0, days: 0 }, "warn"), "In the last 30 days no call would have gone over this limit.");
  assert.equal(
    said({ calls: 0, stopped: 0, days: 0 }, "block"),
    "No call of the last 30 days counts in this budget.",
  );
});

test("a week ends on Monday where the budget is", () => {
  for (const [at, zone, expected] of [
    ["2026-11-28T12:00:00Z", "Europe/Berlin", "2026-11-29T23:00:00.000Z"],
    ["2026-11-29T22:59:59Z", "Europe/Berlin", "2026-11-29T23:00:00.000Z"],
    ["2026-11-29T23:00:00Z", "Europe/Berlin", "2026-12-06T23:00:00.000Z"],
    ["2026-11-30T03:00:00Z", "America/New_York", "2026-11-30T05:00:00.000Z"],
  ])
    assert.equal(nextWeek(new Date(at), zone).toISOString(), expected, `${at} in ${zone}`);
});
