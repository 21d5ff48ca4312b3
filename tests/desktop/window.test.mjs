// A user's day in Spendlight's own window, with a tray beside it. Run on a screen of its own (screen.py), with the tray
// program in SPENDLIGHT_TRAY and axe-core in MODULES.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { has, startWindow, until } from "../pages/driver.mjs";
import { findings, steps } from "../pages/journey.mjs";

const { SPENDLIGHT_TRAY: program, MODULES: modules, SPENDLIGHT_TEST_SCREEN: screen } = process.env;
const skip = !program ? "no program" : !screen ? "no screen of its own" : !has("WebKitWebDriver") ? "no WebKitWebDriver" : false;
let page, server, reader, lines;

/** What the tray shows now. */
async function tray() {
  reader.stdin.write("\n");
  return JSON.parse((await lines.next()).value) ?? { tooltip: "", menu: [] };
}

before(async () => {
  if (skip) return;
  const script = fileURLToPath(new URL("tray_reader.py", import.meta.url));
  reader = spawn("/usr/bin/python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
  lines = createInterface({ input: reader.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, "ready");
  ({ page, server } = await startWindow(program));
});
after(async () => {
  await page?.stop();
  if (!reader) return;
  reader.stdin.end();
  await once(reader, "exit");
});

for (const [rule, run] of steps(() => ({ page, server, tray }))) test(rule, { skip }, run);

test("the tray's tooltip is the page's sentence", { skip }, async () => {
  await until("the same", async () => (await tray()).tooltip === (await page.text(".state h1")));
});

test("no view of the window keeps anybody out", { skip }, async () => {
  for (const view of ["dashboard", "history", "alerts", "settings/budgets", "settings/connection"]) {
    await page.run("location.hash = arguments[0]", `#/${view}`);
    await new Promise((done) => setTimeout(done, 300));
    assert.deepEqual(await findings(page, `${modules}/node_modules/axe-core/axe.min.js`), [], view);
  }
});
