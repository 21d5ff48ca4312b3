// Settings, Prices, in a real browser against a real server and a feed of our own: a newer list is looked at before it is
// taken, and every price tells since when it holds.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { prices } from "../../ui/words.js";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

const PRICES = "section[aria-label=Prices]";
const NEWER = "table[aria-label='A newer price list']";
let server, page, feed, list;

const model = (id, input, more = {}) => ({
  id,
  match: { equals: id },
  prices: { input_mtok: input, output_mtok: 10, ...more },
});
const openai = (...models) => [{ id: "openai", name: "OpenAI", api_pattern: "x", models }];

before(async () => {
  if (skip) return;
  list = openai(model("stays", 1), model("rises", 2), model("goes", 3));
  feed = createServer((_, answer) => answer.end(JSON.stringify(list))).listen(0, "127.0.0.1");
  await until("the feed", () => feed.listening);
  server = await startSpendlight(program, { config: `price_feed = "http://127.0.0.1:${feed.address().port}/"\n` });
  page = await startBrowser();
  await server.owner("POST", "/v1/prices/refresh");
  await server.record({ model: "rises" });
  await enter(page, server, "#/settings/prices");
});
after(async () => {
  await page?.stop();
  await server?.stop();
  feed?.close();
});

const pages = (rule, run) => test(rule, { skip }, run);
const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));
const costs = async () => (await server.record({ model: "rises", output_tokens: 0, input_tokens: 1_000_000 })).entry.cost_usd;

test("what a newer list would change is one sentence", () => {
  const say = (changed_count, added_count, removed_count) =>
    prices.wouldChange({ changed_count, added_count, removed_count });
  assert.match(say(1, 0, 0), /^1 price changes\. /);
  assert.match(say(2, 12, 1), /^2 prices change, 12 models are added and 1 model is removed\. /);
  assert.equal(say(0, 0, 0), "Nothing would change.");
});

pages("the models in use tell what they cost and since when", async () => {
  await shows("table[aria-label='Models you use']", /rises\$2\.00\$2\.00\$10\.00always/);
});

pages("a newer list is looked at, left, looked at again and taken", async () => {
  list = openai(model("stays", 1), model("rises", 2.5), model("new", 4));
  const check = `${PRICES} .head .btn`;
  await page.click(check);
  await shows(`${PRICES} [role=status] p`, /^1 price changes, 1 model is added and 1 model is removed\./);
  await shows(NEWER, /rises\$2\.00 → \$2\.50\$2\.00 → \$2\.50\$10\.00/);
  await shows(PRICES, /Addednew/);
  await shows(PRICES, /Removedgoes/);
  await page.press("Escape");
  await until("the offer gone", () => page.run("return document.querySelector(arguments[0]).offsetParent === null", NEWER));
  assert.equal(await costs(), 2, "looking changes nothing");
  await page.click(check);
  await until("the offer again", () => page.run("return document.querySelector(arguments[0]).offsetParent !== null", NEWER));
  await page.click(`${PRICES} .btn.primary`);
  await shows("table[aria-label='Models you use']", /rises\$2\.50/);
  assert.equal(await costs(), 2.5);
  await page.click(check);
  await shows(`${PRICES} .card .opt [role=status]`, /^current$/);
});
