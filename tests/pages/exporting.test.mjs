// Exports from the window: what the list is narrowed to goes into a file, with its progress; whoever has no token saves it
// from the browser.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { done, goesOn } from "../../ui/words/exporting.js";
import { program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

test("how far an export has come is told by the share and the count", () => {
  assert.equal(goesOn({ entries: 4000, of: 12_000 }).replace("\u00a0", " "), "33 %, 4,000 of 12,000 calls");
  assert.equal(goesOn({ entries: 0, of: 0 }).replace("\u00a0", " "), "0 %, 0 of 0 calls");
  assert.equal(done({ entries: 1, bytes: 512, file: "/f.csv" }).replace("\u00a0", " "), "1 call, 512 bytes: /f.csv");
});

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  const lines = Array.from({ length: 300 }, (_, n) =>
    JSON.stringify({ call_id: `c${n}`, provider: n % 3 ? "openai" : "gemini", model: "m", cost_usd: 0.001 }),
  );
  const headers = { "content-type": "application/x-ndjson" };
  await fetch(`${server.url}/v1/record/batch`, { method: "POST", headers, body: lines.join("\n") });
  page = await startBrowser();
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));
const exported = () => readdirSync(server.dir).filter((name) => /^spendlight-\d/.test(name));

pages("whoever has no token saves what the list is narrowed to from the browser", async () => {
  await page.open(`${server.url}/#/history`);
  await shows(".found", /^300 calls$/);
  await page.fill("input[aria-label='Search calls']", "c29");
  await shows(".found", /^11 calls$/);
  await page.click(".tools .btn[aria-expanded]");
  const link = await page.run("return document.querySelector('.exporting a').getAttribute('href')");
  const lines = (await (await fetch(server.url + link)).text()).trim().split("\n");
  assert.equal(lines.length, 12, `${link}: a head and eleven calls`);
  assert.equal(await page.run("return document.querySelector('.exporting .primary').offsetParent"), null);
});

pages("the owner has the list written into a file, and is told where it is", async () => {
  await page.open("about:blank");
  await page.open(`${server.url}/#token=${server.token}`);
  await page.run("location.hash = '#/history?provider=gemini'");
  await shows(".found", /^100 calls$/);
  const opens = () => page.run("return !document.querySelector('.exporting').hidden");
  await page.press("e", "Control");
  assert.equal(await opens(), true);
  await page.press("e", "Control");
  assert.equal(await opens(), false);
  await page.click(".tools .btn[aria-expanded]");
  await page.click(".exporting .seg button:nth-child(2)");
  await shows(".exporting .primary", /^Export 100 calls$/);
  await page.click(".exporting .primary");
  await shows(".exporting [role=status]", /^100 calls, .+spendlight-.+\.ndjson$/);
  const [name] = exported();
  const lines = readFileSync(`${server.dir}/${name}`, "utf8").trim().split("\n").map(JSON.parse);
  assert.ok(lines.length === 100 && lines.every((entry) => entry.provider === "gemini"));
  if (process.env.PICTURE) writeFileSync(process.env.PICTURE, await page.picture());
});

pages("the settings offer every call", async () => {
  await page.run("location.hash = '#/settings/data'");
  await shows(".card .exporting .primary", /^Export 300 calls$/);
  await new Promise((done) => setTimeout(done, 400)); // what the server tells of the last export is in
  assert.equal(await page.text(".card .exporting [role=status]"), "", "the history's export is the history's");
  await page.click(".card .exporting .primary");
  await shows(".card .exporting [role=status]", /^300 calls, .+\.csv$/);
  assert.equal(exported().length, 2);
});

pages("nothing went wrong on the way", async () => {
  assert.deepEqual(await page.complaints(), []);
});
