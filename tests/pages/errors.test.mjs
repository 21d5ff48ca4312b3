// What goes wrong, as the page shows it: each screen says what has happened and what to do, and comes back by itself.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

const small = skip ? "" : mkdtempSync(join(tmpdir(), "spendlight-small-"));
const isSmall = !skip && spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", small]).status === 0;
const needsDisk = skip || (isSmall ? false : "no small disk can be mounted here (it takes root)");
let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program, isSmall ? { dir: small } : {});
  page = await startBrowser();
  await server.record({ cost_usd: 0.25 });
  await page.open(`${server.url}/#token=${server.token}`);
});
after(async () => {
  await page?.stop();
  await server?.stop({ keep: true });
  if (isSmall) spawnSync("umount", ["-l", small]);
  if (small) rmSync(small, { recursive: true, force: true });
});

const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));
const go = (fragment) => page.run("location.hash = arguments[0]", fragment);

test("paused, it says since when and offers to resume", { skip }, async () => {
  await server.owner("POST", "/v1/pause");
  await shows(".state.l-paused h1", /^Paused: every call is denied$/);
  await shows(".state p", /^Since \d\d:\d\d\. Nothing is spent until you resume\. \$0\.25 today, \$0\.25 in \w+\.$/);
  await page.click(".state .btn.primary");
  await until("calls go again", async () => (await server.ask("GET", "/v1/status")).state !== "paused");
  await until("the page says so", () => page.run("return !document.querySelector('.state.l-paused')"));
});

test("a disk that is full is told on every view, and everything comes back with room on it", { skip: needsDisk }, async () => {
  try {
    writeFileSync(join(small, "filler"), Buffer.alloc(8 * 1024 * 1024));
  } catch {
    // Full half-way: that is what it is for.
  }
  const tags = { padding: "x".repeat(190) };
  await until("a record is refused", () => server.record({ tags }).then(() => false, () => true));
  await shows(".state.l-exceeded h1", /^Spendlight cannot write its ledger: its disk is full$/);
  await shows(".state p", /^No call is recorded until its disk has room and its folder may be written to\. It is tried again by itself\.$/);
  await go("#/history");
  await shows(".notice:not([hidden]) .note", /^The ledger cannot be written, so no call is recorded\. See that its disk has room/);
  await go("#/dashboard");
  rmSync(join(small, "filler"));
  await until("it is written again", () => page.run("return !document.querySelector('.state.l-exceeded')"));
  await server.record({ cost_usd: 0.01 });
});

test("a server that has gone is told with what to do, and since when the figures stand still", { skip }, async () => {
  const { dir } = server;
  await server.stop({ keep: true });
  await shows(".state.l-exceeded h1", /^Spendlight does not answer$/);
  await shows(".state p", /^No call is counted until it runs again: open Spendlight, or run spendlight serve\. The figures below are as of \d\d:\d\d\./);
  await shows(".state .btn", /^Try again$/);
  await shows(".address", /^not answering$/);
  await go("#/alerts");
  await shows(".notice:not([hidden]) .note", /^Spendlight does not answer\. What you see is as of \d\d:\d\d; it comes back by itself\.$/);
  server = await startSpendlight(program, { dir, port: new URL(server.url).port });
  await until("it comes back by itself", () => page.run("return document.querySelector('.notice').hidden"));
  assert.match(await page.text(".address"), /^127\.0\.0\.1:\d+$/);
});
