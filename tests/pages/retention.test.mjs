// How long single calls are kept, in a real browser against a real server: what would go is told, nothing goes without a
// second word, and History tells where single calls end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { history } from "../../ui/words.js";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

const DATA = "section[aria-label=Data]";
const KEEP = "select[aria-label='Keep single calls for']";
let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser();
  for (const at of ["2025-01-02T12:00:00Z", "2025-02-03T12:00:00Z", undefined]) await server.record({ at, cost_usd: 0.5 });
  await enter(page, server, "#/settings/data");
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));
const choose = (value) =>
  page.run(
    `const list = document.querySelector(arguments[0]);
     list.value = arguments[1];
     list.dispatchEvent(new Event("change"));`,
    KEEP,
    value,
  );
const kept = async () => (await server.owner("GET", "/v1/settings")).keep_calls;

test("a list tells where single calls end, also where none is left", () => {
  const gone = " Calls up to 3 Feb 2025 are kept in totals alone.";
  assert.equal(history.said({ entries: 2, gone }, "2 calls").found, `2 calls.${gone.slice(0, -1)}`);
  assert.equal(history.said({ entries: 0, gone }, "0 calls").none, "No call is kept by itself.");
  assert.match(history.said({ entries: 0, isSet: true, gone }, "0 calls").found, /^Calls up to/);
});

pages("what would go is told, and Escape leaves everything as it was", async () => {
  await until("the section", () => page.run("return document.querySelector(arguments[0])?.offsetParent != null", KEEP));
  await choose("12_months");
  await shows(`${DATA} .padded:not([hidden]) .l-warning`, /2 calls from 2 Jan 2025 to 3 Feb 2025 would be taken out now\. Their totals stay;/);
  assert.equal(await kept(), "forever", "nothing is changed by looking");
  await page.press("Escape");
  await until("the offer gone", () => page.run(`return document.querySelector("${DATA} .l-warning").offsetParent === null`));
  assert.equal(await page.run("return document.querySelector(arguments[0]).value", KEEP), "forever");
});

pages("after a second word they go, their totals stay, and History tells where single calls end", async () => {
  await choose("12_months");
  await page.click(`${DATA} .danger`);
  await shows(`${DATA} .card`, /1 call since .* 2 older calls are kept in totals alone, up to 3 Feb 2025\./);
  assert.equal(await kept(), "12_months");
  assert.deepEqual((await server.ask("GET", "/v1/summary")).lifetime.calls, 3);
  await page.run("location.hash = '#/history'");
  await shows(".ledger .found", /^1 call\. Calls up to 3 Feb 2025 are kept in totals alone$/);
  await page.run("location.hash = '#/settings/data'");
  await choose("forever");
  await until("every call kept", async () => (await kept()) === "forever");
});
