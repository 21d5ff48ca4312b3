// A user's day in Chromium, before `spendlight serve`.
import { after, before, test } from "node:test";
import { program, skip, startBrowser, startSpendlight } from "./driver.mjs";
import { steps } from "./journey.mjs";

let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser();
  await page.open(`${server.url}/#token=${server.token}`);
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

for (const [rule, run] of steps(() => ({ page, server }))) test(rule, { skip }, run);
