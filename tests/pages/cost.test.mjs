// How a call's cost came about, in the history's panel: the lines add up to what was written down, and where there is no
// price, or another one by now, the panel says so and what to do.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { unrounded } from "../../ui/format.js";
import { about, caution, times, usageClass } from "../../ui/words/cost.js";
import { program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

test("an amount is told to its last digit before it is rounded", () => {
  for (const [usd, told] of [
    [0, "$0"],
    [0.000230425, "$0.000230425"],
    [2.5e-8, "$0.000000025"],
    [1.25e-11, "$0.0000000000125"],
    [12.0034914, "$12.0034914"],
    [1234.5, "$1,234.5000"],
    [-0.0001, "\u2212$0.0001"],
  ])
    assert.equal(unrounded(usd), told);
});

test("a line tells its count and its rate", () => {
  const line = (count, rate_usd, per) => times({ count, rate_usd, per });
  assert.equal(line(3412, 0.25, 1_000_000), "3,412 × $0.25/M");
  assert.equal(line(3, 10, 1000), "3 × $10.00/1,000");
  assert.equal(line(90, 0.111, 3600), "90 × $0.111/hour");
  assert.equal(usageClass("cache_write_1h_tokens"), "Cached for 1 hour");
  assert.equal(usageClass("some_new_tokens"), "Some new tokens", "a class that a newer list brings is not hidden");
});

test("what stands behind a cost is said in a sentence", () => {
  const list_at = "2026-10-30T19:03:29.000Z";
  const by = { source: "bundled", list_at, model_matched: "gpt-5", tier: "flex", batch: false, since: null, long_context_from: 200_001 };
  assert.deepEqual(about(by, "gpt-5-2025-08-07"), [
    "The price list of 30 Oct that came with Spendlight, gpt-5, for the flex tier.",
    "Long context: from 200,001 tokens of input on, these rates apply.",
  ]);
  const told = (priced, by_prices) => caution({ priced, cost_usd: 1, by_prices });
  assert.equal(told("catalog", { agrees: true }), "");
  assert.match(told("catalog", { agrees: false, cost_usd: 2 }), /^\$1\.0000 was written down and stays\..* \$2\.0000/);
  assert.match(told("caller", { agrees: false, cost_usd: 2 }), /^Told by the caller, or by the provider itself\. .*\$2\.0000\.$/);
  assert.match(told("unknown", { agrees: true, model_matched: "o1-pro" }), /rates of o1-pro/);
  assert.match(told("caller", null), /Nothing is known/);
});

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  const call = { input_tokens: 12_629, cache_read_tokens: 9217, output_tokens: 1204, reasoning_tokens: 640 };
  await server.record({ call_id: "listed", ...call });
  await server.record({ call_id: "unheard", model: "gpt-99-unheard", ...call });
  await server.record({ call_id: "named", cost_usd: 0.5, ...call });
  await server.record({ call_id: "house", provider: "house", model: "m", cost_usd: 0.25 });
  page = await startBrowser();
  await page.open(`${server.url}/#token=${server.token}`);
  await page.run("location.hash = '#/history'");
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
async function opened(id) {
  await page.click(`tr[data-call=${id}]`);
  await until(`how ${id} came about`, () =>
    page.run("return document.querySelector('.side .mono')?.textContent === arguments[0] && document.querySelector('.how').children.length > 0", id),
  );
  return page.run("return document.querySelector('.how').innerText");
}

pages("the panel has a line for each class, and they come to what was written down", async () => {
  const words = await opened("listed");
  for (const part of ["3,412 × $0.25/M", "9,217 × $0.025/M", "640 × $2.00/M", "$0.000230425", "Reasoning", "price list"])
    assert.ok(words.includes(part), `${part}: ${words}`);
  const total = await page.run("return document.querySelector('.cost tr:last-child').innerText");
  assert.match(total, /Total\s+\$0\.003491425/);
  assert.equal(await page.text(".side .big"), "$0.003491425");
  assert.match(words, /Budgets of such calls: OpenAI today, OpenAI this month/);
});

pages("a cost without a price says at whose rates it was counted, and where to set one", async () => {
  const words = await opened("unheard");
  assert.match(words, /No price is known for what was asked: counted high, at the rates of .+\./);
  assert.equal(await page.run("return document.querySelector('.how a').getAttribute('href')"), "#/settings/prices");
});

pages("a cost that its caller told stands beside what the prices say", async () => {
  const words = await opened("named");
  assert.match(words, /Told by the caller, or by the provider itself\. The prices in use come to \$0\.003491425\./);
  assert.match(words, /By the prices in use now/i);
  assert.match(await opened("house"), /Nothing is known of this provider/);
});

pages("a price that has changed since is told beside the entry's own", async () => {
  await server.owner("PUT", "/v1/prices/overrides", {
    provider: "openai",
    model: "gpt-5*",
    input_usd_per_million: 7,
    output_usd_per_million: 1,
  });
  const words = await opened("listed");
  assert.match(words, /\$0\.003491425 was written down and stays/);
  assert.match(words, /Your own price for gpt-5\*\./);
  if (process.env.PICTURE) writeFileSync(process.env.PICTURE, await page.picture());
});

pages("nothing went wrong on the way", async () => {
  assert.deepEqual(await page.complaints(), []);
});
