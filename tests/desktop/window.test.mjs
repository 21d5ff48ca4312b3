// A user's day in Spendlight's own window, with a tray beside it. Run on a screen of its own (screen.py), with the tray
// program in SPENDLIGHT_TRAY and axe-core in MODULES.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
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

const run = (program, given) => spawnSync(program, given, { encoding: "utf8" });

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

test("a backup to restore is chosen in the system's own dialog, and checked", { skip }, async () => {
  const { file } = await server.owner("POST", "/v1/data/backup", {});
  await page.run("location.hash = '#/settings/data'");
  const button = () =>
    page.run("return [...document.querySelectorAll('.editor .btn')].findIndex((one) => one.textContent === 'Choose…')");
  await until("the button", async () => (await button()) >= 0);
  const dialog = () => run("xdotool", ["search", "--onlyvisible", "--name", "^Choose the backup to restore$"]).stdout.trim();
  for (const chosen of ["", file]) {
    await page.run("document.querySelectorAll('.editor .btn')[arguments[0]].click()", await button());
    await until("the dialog", async () => dialog());
    const keys = chosen ? ["type", chosen] : ["key", "Escape"];
    run("xdotool", ["windowfocus", "--sync", dialog(), ...keys]);
    if (chosen) run("xdotool", ["key", "Return"]);
    await until("its end", async () => !dialog());
    if (!chosen) assert.equal(await page.run("return document.activeElement.textContent"), "Choose…", "none is chosen");
  }
  await until("the check", async () => /Restore at the next start/.test(await page.text(".editor .note")));
});

test("no view of the window keeps anybody out", { skip }, async () => {
  for (const view of ["dashboard", "history", "alerts", "settings/budgets", "settings/connection"]) {
    await page.run("location.hash = arguments[0]", `#/${view}`);
    await new Promise((done) => setTimeout(done, 300));
    assert.deepEqual(await findings(page, `${modules}/node_modules/axe-core/axe.min.js`), [], view);
  }
});
