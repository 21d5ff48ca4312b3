// A user's day in Chromium, before `spendlight serve`.
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { has, startBrowser, startSpendlight } from "./driver.mjs";
import { steps } from "./journey.mjs";

const program = process.env.SPENDLIGHT ?? fileURLToPath(new URL("../../target/debug/spendlight", import.meta.url));
const skip = !existsSync(program) ? `no server at ${program}` : !has("chromedriver") ? "no chromedriver" : false;
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
