// The general settings in a real browser: a theme that was changed elsewhere is worn at once, amounts are shown in another
// currency and say so, and what cannot be is told beside its field.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser();
  await server.record({ cost_usd: 0.5 });
  await enter(page, server);
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const section = "section[aria-label=General]";
const go = (fragment) => page.run("location.hash = arguments[0]", fragment);
const shown = (words) => page.run("return document.querySelector('main').innerText.includes(arguments[0])", words);
const labelled = (label) =>
  page.run(
    `const label = [...document.querySelectorAll("${section} label")].find((one) => one.textContent === arguments[0]);
     return "#" + label.htmlFor;`,
    label,
  );
const field = async (label, value) => page.fill(await labelled(label), value);
const save = () => page.click(`${section} .currency .btn`);

pages("a theme that was changed elsewhere is worn at once", async () => {
  await until("the figures", () => shown("$0.50"));
  await server.owner("PUT", "/v1/settings", { theme: "dark" });
  await until("the dark", () => page.run("return document.documentElement.dataset.theme === 'dark'"));
  await server.owner("PUT", "/v1/settings", { theme: "light" });
  await until("the light", () => page.run("return document.documentElement.dataset.theme === 'light'"));
});

pages("where there is no tray, nothing is offered to start at login", async () => {
  await go("#/settings/general");
  await until("the section", () => page.run(`return document.querySelector("${section} .currency input")?.value === "USD"`));
  assert.equal(await page.run(`return document.querySelector("${section} [aria-label='Start at login']").offsetParent`), null);
  assert.match(await page.run(`return document.querySelector("${section}").innerText`), /runs without a tray/);
});

pages("a rate that cannot be is told, and nothing is changed", async () => {
  await field("Currency", "eur");
  for (const [rate, said] of [
    ["", /A number above 0/],
    ["-1", /A number above 0/],
    ["2000000", /Must be more than 0 and at most 1000000/],
  ]) {
    await field("What a dollar is worth", rate);
    await save();
    await until(`the refusal of ${rate || "nothing"}`, async () =>
      said.test((await page.text(`${section} .wrong[role=alert]:not([hidden])`)) ?? ""),
    );
  }
  assert.equal((await server.ask("GET", "/v1/settings")).currency.code, "USD");
});

pages("amounts are shown in another currency, and the page says by which rate", async () => {
  await field("What a dollar is worth", "0,92");
  await field("Day of the rate", "2026-11-01");
  await save();
  await until("the ledger's word", async () => (await server.ask("GET", "/v1/settings")).currency.rate === 0.92);
  await go("#/dashboard");
  await until("the cards in euros", () => shown("\u2248€0.46"));
  await until("the figures in euros", () =>
    page.run("return /Today so far[^$€]*≈€0\\.46/.test(document.querySelector('.board').innerText)"),
  );
  await until("the chart in dollars, as it is drawn", () => shown("$0.50"));
  assert.match(await page.text(".rate:not([hidden])"), /at €0\.92 a dollar, the rate of 1 Nov/);
  await server.record({ cost_usd: 0.1 });
  await until("a call that comes in", () => shown("\u2248€0.0920"));
  await go("#/history");
  await until("the history in euros", () => shown("\u2248€0.46"));
  await go("#/settings/budgets");
  await until("limits in dollars", () =>
    page.run("return document.querySelector('section[aria-label=Budgets]')?.innerText.includes('$1.00')"),
  );
});

pages("and in dollars again, everywhere at once", async () => {
  await go("#/dashboard");
  await until("euros", () => shown("\u2248€"));
  await server.owner("PUT", "/v1/settings", { currency: { code: "USD" } });
  await until("dollars", async () => !(await shown("\u2248")) && (await shown("$0.60")));
  assert.equal(await page.run("return document.querySelector('.rate').hidden"), true);
});
