// The alerts in a real browser: one is snoozed with keys alone and waits under its own filter, the list is narrowed to a
// budget, and what became of each is told.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser();
  await server.record({ cost_usd: 0.85 });
  await server.record({ provider: "gemini", model: "gemini-2.5-flash", cost_usd: 0.7 });
  await enter(page, server, "#/alerts");
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const rows = () => page.run("return [...document.querySelectorAll('.alert')].map((row) => row.innerText)");
const choose = (selector, value) =>
  page.run(
    `const list = document.querySelector(arguments[0]);
     list.value = arguments[1];
     list.dispatchEvent(new Event("change"));`,
    selector,
    value,
  );
const state = (words) =>
  page.run(
    "[...document.querySelectorAll('.page [role=radio]')].find((one) => one.textContent === arguments[0]).click()",
    words,
  );

pages("an alert is snoozed by its key, and waits under its own filter until when it says", async () => {
  await until("two alerts", async () => (await rows()).length === 2);
  await page.run("document.querySelector('.alert').focus()");
  await page.press("s");
  const focused = () => page.run("return document.activeElement.textContent");
  assert.equal(await focused(), "For an hour", "the key asks how long, and the first answer is in focus");
  await page.press("Escape");
  assert.match(await page.run("return document.activeElement.className"), /alert/, "Escape takes the question back");
  await page.press("s");
  await page.press("Tab");
  await page.press("Enter");
  await until("the snoozed row", async () => (await rows()).some((row) => /Snoozed until .*08:00/.test(row)));
  await state("New");
  await until("one that is new", async () => (await rows()).length === 1);
  await state("Snoozed");
  await until("one that is snoozed", async () => (await rows()).every((row) => /Snoozed until/.test(row)));
  const { alerts } = await server.ask("GET", "/v1/alerts?state=snoozed");
  assert.equal(alerts.length, 1, "and the ledger says the same");
  await state("All");
});

pages("the list is narrowed to one budget", async () => {
  await until("both", async () => (await rows()).length === 2);
  await choose("select[aria-label=Budget]", "gemini-day");
  await until("those of one budget", async () => {
    const shown = await rows();
    return shown.length === 1 && /Gemini/.test(shown[0]);
  });
  await choose("select[aria-label=Budget]", "");
  await until("both again", async () => (await rows()).length === 2);
});

pages("one that was answered elsewhere says when, without being asked for", async () => {
  const [{ id }] = (await server.ask("GET", "/v1/alerts?state=new")).alerts;
  await server.owner("POST", `/v1/alerts/${id}/acknowledge`, {});
  await until("the answer", async () => (await rows()).some((row) => /Acknowledged at \d\d:\d\d/.test(row)));
});

pages("a limit that was reached tells what it has denied, as it does", async () => {
  await server.record({ cost_usd: 0.2 });
  await until("the limit", async () => (await rows()).some((row) => /OpenAI has reached|over today/.test(row)));
  const call = { provider: "openai", model: "gpt-5-mini", cost_usd: 0.5 };
  for (const told of [/ · 1 call denied · /, / · 2 calls denied · /]) {
    await assert.rejects(server.ask("POST", "/v1/check", call), /: 402 /);
    await until(`the row to say ${told}`, async () => (await rows()).filter((row) => told.test(row)).length === 1);
  }
});

pages("nothing is cut off on a narrow window", async () => {
  await page.size(480);
  const wide = await page.run("return document.documentElement.scrollWidth");
  assert.ok(wide <= 480, `the page is ${wide} pixels wide`);
  await page.size(960);
});
