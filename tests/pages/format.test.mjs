// The "Numbers" table of the design, line by line: what a person reads follows one set of rules, whatever page it
// stands on. Needs nothing but node: node --test tests/pages
import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../ui/format.js";

const NOW = Date.parse("2026-11-22T13:40:30Z"); // 14:40:30 in Berlin
format.configure({ numbers: "en-US", times: "en-GB", zone: "Europe/Berlin" });

/** check(rule, format, [[input…, expected]…]) */
function check(rule, run, cases) {
  test(rule, () => {
    for (const [...given] of cases) {
      const expected = given.pop();
      assert.equal(run(...given), expected, `${rule}: ${JSON.stringify(given)}`);
    }
  });
}

check("totals and limits have two decimals and are grouped", format.total, [
  [12.4, "$12.40"],
  [1284.07, "$1,284.07"],
  [1, "$1.00"],
  [0.64, "$0.64"],
  [38, "$38.00"],
  [9007199.25, "$9,007,199.25"],
]);
check("a total is rounded half up", format.total, [
  [1.005, "$1.01"],
  [0.125, "$0.13"],
  [0.994999999, "$0.99"],
  [2.675, "$2.68"],
  [21.395, "$21.40"],
]);
check("zero has no decimals, and nothing else looks like it", format.total, [
  [0, "$0"],
  [0.004, "$0.0040"],
  [0.000000001, "$0.000000001"],
  [0.0042, "$0.0042"],
]);
check(
  "a total is never rounded onto or across a threshold or the limit",
  (usd, limit, thresholds = []) => format.total(usd, [limit, ...thresholds.map((t) => (limit * t) / 100)]),
  [
    [1.0038, 1, "$1.0038"],
    [0.9996, 1, "$0.9996"],
    [1, 1, "$1.00"],
    [0.7996, 1, [80, 95], "$0.7996"],
    [0.8, 1, [80, 95], "$0.80"],
    [0.64, 1, [80, 95], "$0.64"],
    [0.99999, 1, "$0.99999"],
    [0.999999999, 1, "$0.999999999"],
    [6.4003, 8, [80, 95], "$6.4003"],
    [6.6216, 8, [80, 95], "$6.62"],
    [0.854, 1, [85.3], "$0.8540"],
  ],
);
{
  const euros = (say) => (...figures) => {
    format.configure({ currency: { code: "EUR", rate: 0.92, since: "2026-11-01" } });
    try {
      return say(...figures);
    } finally {
      format.configure({ currency: null });
    }
  };
  check("in another currency a total says that it is not exact, by the rate that was typed", euros(format.total), [
    [1, "\u2248€0.92"],
    [1284.07, "\u2248€1,181.34"],
    [0, "€0"],
    [0.004, "\u2248€0.0037"],
  ]);
  check("and stands on its own side of a limit", euros(format.total), [
    [0.9996, [1], "\u2248€0.9196"],
    [1, [1], "\u2248€0.92"],
  ]);
  check("so do a call and what is left", euros((usd) => [format.call(usd), format.left(usd, "usd")].join()), [
    [0.0042, "\u2248€0.0039,\u2248€0.0038"],
    [0.00005, "<€0.0001,\u2248€0.00004"],
    [0.36, "\u2248€0.3312,\u2248€0.33"],
  ]);
  check("what has to be exact, and what is set in dollars, stays in dollars", euros((say) => say()), [
    [() => format.detail(0.0034914), "$0.0034914"],
    [() => format.price(1.25), "$1.25"],
    [() => format.exact(0.64, "usd"), "$0.6400"],
    [() => format.inDollars(() => format.total(1)), "$1.00"],
    [() => format.editable(1, "usd"), "1.00"],
  ]);
  check("a currency is written as usual", (chosen) => [format.rateOf(chosen), inCurrency(chosen)].join(" "), [
    [{ code: "JPY", rate: 150 }, "¥150.00 \u2248¥1,500"],
    [{ code: "CHF", rate: 0.8 }, "CHF\u00a00.80 \u2248CHF\u00a08.00"],
    [{ code: "USD", rate: 1 }, " $10.00"],
  ]);
  function inCurrency(currency) {
    format.configure({ currency });
    const written = format.total(10);
    format.configure({ currency: null });
    return written;
  }
}
check("the most a call can cost is never told as less, and with one sign", (usd) => `≤ ${format.atMost(usd)}`, [
  [0, "≤ $0"],
  [0.000_000_001, "≤ $0.0001"],
  [0.0001, "≤ $0.0001"],
  [0.03401, "≤ $0.0341"],
  [0.034, "≤ $0.0340"],
  [12.5, "≤ $12.50"],
]);
check("one call has four decimals up to $10", format.call, [
  [0.0042, "$0.0042"],
  [0.0034914, "$0.0035"],
  [0, "$0"],
  [0.00005, "<$0.0001"],
  [0.000099999, "<$0.0001"],
  [0.0001, "$0.0001"],
  [3.5, "$3.5000"],
  [10, "$10.0000"],
  [10.25, "$10.25"],
  [1284.066, "$1,284.07"],
  [0.00425, "$0.0043"],
]);
check("a call's detail has up to nine decimals, at least four", format.detail, [
  [0.0034914, "$0.0034914"],
  [0.012, "$0.0120"],
  [0.000000001, "$0.000000001"],
  [0, "$0"],
  [12.5, "$12.5000"],
  [1.000000001, "$1.000000001"],
]);
check("a price for a million tokens has two decimals, more where it has more", format.price, [
  [0.25, "$0.25"],
  [0.025, "$0.025"],
  [2, "$2.00"],
  [0, "$0"],
  [null, "\u2013"],
  [0.0375, "$0.0375"],
]);
check("below nothing the sign stands before the dollar", format.total, [
  [-0.5, "\u2212$0.50"],
  [-1284.07, "\u2212$1,284.07"],
]);
check("percent of a limit is whole and rounded down, after a no-break space", format.percent, [
  [64, "64\u00a0%"],
  [79.99, "79\u00a0%"],
  [80, "80\u00a0%"],
  [100.38, "100\u00a0%"],
  [1204, "1,204\u00a0%"],
  [0, "0\u00a0%"],
]);
check("a share is whole and nearest", format.share, [
  [0.3667, "37\u00a0%"],
  [0.125, "13\u00a0%"],
  [0, "0\u00a0%"],
  [0.001, "<1\u00a0%"],
  [1, "100\u00a0%"],
]);
check("a change is whole and nearest, with its sign", format.change, [
  [36.2, "+36\u00a0%"],
  [-12.6, "\u221213\u00a0%"],
  [0.2, "0\u00a0%"],
  [1250, "+1,250\u00a0%"],
]);
check("tokens of a call are exact, and a dash where there is nothing to count", format.countOrDash, [
  [12628, "12,628"],
  [0, "\u2013"],
  [9, "9"],
]);
check("tokens elsewhere have three figures", format.figures, [
  [482311, "482K"],
  [1284000, "1.28M"],
  [20700000, "20.7M"],
  [96412, "96.4K"],
  [999, "999"],
  [0, "0"],
  [1204, "1.2K"],
  [3210000000, "3.21B"],
]);
check("a round number of tokens has only the figures it needs", format.figures, [
  [1000000, "1M"],
  [30000000, "30M"],
  [10000, "10K"],
  [50000, "50K"],
  [1500000, "1.5M"],
  [1004000, "1M"],
]);
check("three figures carry into the next unit", format.figures, [
  [999600, "1M"],
  [999999, "1M"],
  [999999999, "1B"],
  [9999, "10K"],
]);
check(
  "tokens are never rounded onto or across a limit or threshold",
  (n, limit) => format.figures(n, [limit, limit * 0.8]),
  [
    [999600, 1000000, "999.6K"],
    [1000400, 1000000, "1.0004M"],
    [800100, 1000000, "800.1K"],
    [1000000, 1000000, "1M"],
    [999999, 1000000, "999.999K"],
    [999999999, 1000000000, "999,999,999"],
  ],
);
check("an amount is said in the unit of its budget", format.amount, [
  [12.4, "usd", "$12.40"],
  [482311, "tokens", "482K"],
  [391, "requests", "391"],
  [6214, "requests", "6,214"],
  [96412, "requests", "96,412"],
  [12628, "tokens", "12,628"],
  [1000000, "tokens", "1M"],
]);
check("where there is room for two decimals only, a little is less than a cent", format.least, [
  [0.0037, "usd", "<$0.01"],
  [0.06, "usd", "$0.06"],
  [0, "usd", "$0"],
  [3600, "tokens", "3,600"],
]);
check("a time is hours and minutes; seconds in the ledger only", format.clock, [
  ["2026-11-22T16:20:40Z", "17:20"],
  ["2026-11-21T23:00:00Z", "00:00"],
]);
check("seconds in the ledger", format.clockSeconds, [["2026-11-22T13:31:09.123Z", "14:31:09"]]);
check("a forecast is to the nearest five minutes, or the day when beyond today", (at) => format.forecast(at, NOW), [
  ["2026-11-22T16:22:10Z", "17:20"],
  ["2026-11-22T16:22:31Z", "17:25"],
  ["2026-11-27T09:00:00Z", "27 Nov"],
  ["2026-11-22T22:59:00Z", "23:55"],
  ["2026-11-22T13:41:50Z", "14:41"],
  ["2027-01-03T09:00:00Z", "3 Jan 2027"],
]);
check("a forecast in a sentence says at or on", (at) => format.when(at, NOW, format.forecast), [
  ["2026-11-22T16:20:00Z", "at 17:20"],
  ["2026-11-27T09:00:00Z", "on 27 Nov"],
]);
check("how long ago: now, minutes, the time, the date", (at) => format.ago(at, NOW), [
  ["2026-11-22T13:39:45Z", "now"],
  ["2026-11-22T13:28:00Z", "12 min ago"],
  ["2026-11-22T12:41:00Z", "59 min ago"],
  ["2026-11-22T09:26:00Z", "10:26"],
  ["2026-10-30T09:26:00Z", "30 Oct"],
  ["2025-10-30T09:26:00Z", "30 Oct 2025"],
  ["2026-11-22T13:41:00Z", "now"],
]);
check("latency is in milliseconds below a second, then has one decimal", format.latency, [
  [840, "840\u00a0ms"],
  [4200, "4.2\u00a0s"],
  [999.4, "999\u00a0ms"],
  [999.6, "1.0\u00a0s"],
  [17260, "17.3\u00a0s"],
  [0, "0\u00a0ms"],
  [null, "\u2013"],
]);
check("days have names", (at) => format.dayHeading(at, NOW), [
  ["2026-11-22T13:00:00Z", "Today, Sunday 22 November"],
  ["2026-11-20T23:30:00Z", "Saturday 21 November"],
  ["2025-11-20T12:00:00Z", "Thursday 20 November 2025"],
]);
check("a file's size has three figures", format.bytes, [
  [812, "812\u00a0bytes"],
  [42991616, "43\u00a0MB"],
  [1536000, "1.54\u00a0MB"],
  [2.5e9, "2.5\u00a0GB"],
]);

test("where the month comes first, every date has it so", () => {
  format.configure({ monthFirst: true });
  assert.equal(format.date("2026-10-30T09:26:00Z", NOW), "Oct 30");
  assert.equal(format.date("2025-10-30T09:26:00Z", NOW), "Oct 30, 2025");
  assert.equal(format.civil("2026-11-01", NOW), "Nov 1");
  assert.equal(format.dayDate("2026-11-21T12:00:00Z", NOW), "Sat, Nov 21");
  assert.equal(format.dateTime("2026-11-21T12:00:00Z"), "Nov 21, 2026, 13:00:00");
  assert.equal(format.dayHeading("2026-11-22T13:00:00Z", NOW), "Today, Sunday, November 22");
  assert.equal(format.dayHeading("2025-11-20T12:00:00Z", NOW), "Thursday, November 20, 2025");
  format.configure({ monthFirst: false });
});

test("a reader in another place sees their own clock, and the digits of the sentences", () => {
  format.configure({ times: "en-US", zone: "America/New_York" });
  assert.equal(
    format.clock("2026-11-22T16:20:00Z"),
    "11:20",
    "the clock follows the ledger's zone, in hours and minutes",
  );
  assert.equal(format.total(1284.07), "$1,284.07", "money reads as the sentences beside it do");
  format.configure({ numbers: "de-DE" });
  assert.equal(format.total(1284.07), "$1.284,07", "the digits follow the locale they are given");
  format.configure({ numbers: "en-US", times: "en-GB", zone: "No/Where" });
  assert.match(format.clock("2026-11-22T16:20:00Z"), /^\d\d:\d\d$/, "an unknown zone falls back to the machine's");
  format.configure({ zone: "Europe/Berlin" });
});
