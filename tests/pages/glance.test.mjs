// The small window of the tray, as a page in a real browser: it follows what is spent, pauses, and leads to the window.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser({ width: 360, height: 384 });
  await enter(page, server);
  await page.open(`${server.url}/glance.html`);
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const text = () => page.run("return document.body.innerText");

pages("it tells the state and a line for each budget, and nothing is cut off", async () => {
  await until("the budgets", () => page.run("return document.querySelectorAll('.glance li').length === 4"));
  assert.match(await text(), /Waiting for the first call/);
  const [wide, high] = await page.run("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]");
  assert.ok(wide <= 360 && high <= 384, `it is ${wide} by ${high} pixels`);
  const names = await page.run("return [...document.querySelectorAll('[role=meter]')].map((one) => one.ariaValueText)");
  assert.match(names[0], /^\$0 of \$1\.00, 0 percent/);
});

pages("a call shows in it at once, and an alert is one click away", async () => {
  await server.record({ cost_usd: 0.96 });
  await until("the level", async () => /OpenAI is at 96\u00a0% of today's \$1\.00/.test(await text()));
  await until("the alert", async () => /1 new alert/.test(await text()));
  assert.match(await page.run("return document.querySelector('.glance .state').className"), /l-critical/);
});

pages("it pauses and resumes", async () => {
  await page.click(".glance footer .btn");
  await until("the pause", async () => (await server.ask("GET", "/v1/status")).state === "paused");
  await until("the word for it", async () => /Resume/.test(await page.text(".glance footer .btn")));
  await page.click(".glance footer .btn");
  await until("the end of it", async () => (await server.ask("GET", "/v1/status")).state !== "paused");
});

pages("a budget leads to its card; where there is no window, in this one", async () => {
  await page.click(".glance li button");
  await until("the dashboard", () => page.run("return location.hash === '#/dashboard?budget=openai-day'"));
  await until("its card", async () => /OpenAI/.test(await text()));
});
