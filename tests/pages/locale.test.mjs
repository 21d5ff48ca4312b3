// Numbers are written, and read, as where the reader is, the same in sentences, figures, fields and the chart; dates too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program, { locale: "de_DE.UTF-8" });
  page = await startBrowser();
  await server.record({ cost_usd: 0.9, input_tokens: 12_628 });
  await enter(page, server);
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const go = (fragment) => page.run("location.hash = arguments[0]", fragment);
const shows = (what) =>
  until(what, () => page.run("return document.querySelector('main').innerText.includes(arguments[0])", what));

pages("the sentence, the cards and the calls have the reader's point", async () => {
  for (const what of ["$1,00 at about", "$0,90", "$0,9000", "12,6K"]) await shows(what);
  const text = await page.run("return document.querySelector('main').innerText");
  assert.doesNotMatch(text, /\$\d+\.\d/);
});

pages("so has the chart", async () => {
  const svg = await (await fetch(`${server.url}/v1/chart.svg`)).text();
  assert.match(svg, /\$0,50/);
  assert.doesNotMatch(svg, /\$0\.50/);
});

pages("what is typed is read as it is shown", async () => {
  await go("#/settings/budgets?edit=openai-day");
  await until("its form", () => page.run("return document.querySelector('form.editor') !== null"));
  assert.equal(await page.run("return document.querySelector('form.editor input').value"), "1,00");
  await page.fill("form.editor input", "1.284,50");
  await page.click("form.editor .primary");
  await until("the limit", async () => {
    const { budgets } = await server.owner("GET", "/v1/budgets");
    return budgets.find(({ id }) => id === "openai-day").limit === 1284.5;
  });
  await shows("$1.284,50");
});

pages("dates have the month first where the reader's locale has it so", async () => {
  const american = await startSpendlight(program, { locale: "en_US.UTF-8" });
  try {
    await american.record({ cost_usd: 0.1 });
    await page.open(`${american.url}/#/history`);
    await until("the day", () =>
      page.run("return /^Today, [A-Z][a-z]+, [A-Z][a-z]+ [0-9]+ /.test(document.querySelector('tr.day')?.innerText)"),
    );
    const svg = await (await fetch(`${american.url}/v1/chart.svg?range=30d`)).text();
    assert.match(svg, />[A-Z][a-z][a-z] \d+</, "in the chart too");
  } finally {
    await american.stop();
  }
});
