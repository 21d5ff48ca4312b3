// Settings, Data, in a real browser against a real server: what it says of the ledger is so, and what it offers happens.
import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

const DATA = "section[aria-label=Data]";
const FORM = `${DATA} form`;
let server, page;

async function open() {
  await enter(page, server, "#/settings/data");
}

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser();
  await server.record({ call_id: "first", cost_usd: 0.25 });
  await open();
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));
const calls = async () => (await server.ask("GET", "/v1/summary")).lifetime.calls;

pages("it tells where the ledger is and what it holds, and of no backup yet", async () => {
  await shows(`${DATA} .mono`, /\/ledger\.sqlite3$/);
  assert.equal(await page.text(`${DATA} .mono`), join(server.dir, "ledger.sqlite3"));
  await shows(`${DATA} .card`, /1 call since \d+ \w{3}, [\d.]+\u00a0[KM]B\./);
  await shows(`${DATA} [role=status]`, /^No backup has been made yet\.$/);
});

pages("a backup is made when it is asked for, and a failure is told until one is made", async () => {
  writeFileSync(join(server.dir, "backups"), "in the way of the folder");
  await page.click(`${DATA} .card:nth-of-type(3) .btn`);
  await shows(`${DATA} .card :not([hidden]) > [role=alert]`, /The backup at [\d:]+ failed\. The ledger was not backed up to/);
  rmSync(join(server.dir, "backups"));
  await page.click(`${DATA} .card:nth-of-type(3) .btn`);
  await shows(`${DATA} [role=status]`, /^Last backup at [\d:]+, [\d.]+\u00a0[KM]B, 1 call\.$/);
  assert.equal(await page.run(`return document.querySelector("${DATA} .card .padded").hidden`), true);
  assert.equal(readdirSync(join(server.dir, "backups")).length, 1);
});

pages("a schedule acts at once, is made up for at once, and tells when the next backup is due", async () => {
  const scheduled = `${DATA} .card:nth-of-type(3) .opt:last-child`;
  await shows(scheduled, /Off: a backup is made when you ask for it\./);
  const choose = (label, value) =>
    page.run(
      `const list = document.querySelector("select[aria-label='${label}']");
       list.value = arguments[0];
       list.dispatchEvent(new Event("change"));`,
      value,
    );
  await choose("How often the ledger is backed up", "daily");
  await shows(scheduled, /The next one is due on \d+ \w{3}\. The newest 7 are kept; those you asked for stay\./);
  await choose("How many of these backups are kept", "3");
  await shows(scheduled, /The newest 3 are kept/);
  assert.deepEqual((await server.owner("GET", "/v1/settings")).backup_schedule, { every: "daily", keep: 3 });
  await choose("How often the ledger is backed up", "never");
  await shows(scheduled, /Off:/);
});

pages("what is no ledger is refused at its field, and nothing lies ready", async () => {
  await page.click(`${FORM} [type=submit]`);
  await shows(`${FORM} .wrong:not([hidden])`, /^Name the file to restore\.$/);
  await page.fill(`${FORM} input`, join(server.dir, "owner-token"));
  await page.click(`${FORM} [type=submit]`);
  await shows(`${FORM} .wrong:not([hidden])`, /^Cannot be read as a ledger: /);
  assert.equal((await server.owner("GET", "/v1/data")).to_restore, null);
});

pages("a backup is checked, laid ready after a second word, taken back, and restored by the next start", async () => {
  const [name] = readdirSync(join(server.dir, "backups"));
  const file = join(server.dir, "backups", name);
  await server.record({ call_id: "second", cost_usd: 0.5 });
  const listed = await page.run("return [...document.querySelectorAll('datalist option')].map((o) => o.value)");
  assert.ok(listed.includes(file), "the backups in the folder are offered");

  const lay = async () => {
    await page.fill(`${FORM} input`, file);
    await page.click(`${FORM} [type=submit]`);
    await shows(`${FORM} .note:not([hidden])`, /The file is sound: 1 call of .* \$0\.25 in all\. 1 of the ledger's calls is not in it/);
  };
  await lay();
  await page.press("Escape");
  await until("the offer gone", () => page.run(`return document.querySelector("${FORM} .note").hidden`));
  assert.equal((await server.owner("GET", "/v1/data")).to_restore, null, "a check alone changes nothing");
  await lay();
  await page.click(`${FORM} .danger`);
  await shows(`${DATA} :not([hidden]) > .l-warning`, /takes the ledger's place when Spendlight is started the next time/);
  assert.equal(await calls(), 2, "the running ledger is as it was");
  await page.click(`${DATA} .l-warning .btn`);
  await until("the form again", () => page.run(`return !document.querySelector("${FORM}").hidden`));
  assert.equal((await server.owner("GET", "/v1/data")).to_restore, null);

  await lay();
  await page.click(`${FORM} .danger`);
  await shows(`${DATA} :not([hidden]) > .l-warning`, /takes the ledger's place/);
  await server.stop({ keep: true });
  server = await startSpendlight(program, { dir: server.dir });
  assert.equal(await calls(), 1, "the next start has restored it");
  await open();
  await shows(`${DATA} .card:nth-of-type(4)`, /This ledger is the backup .*; 1 of the ledger's calls is not in it\. The ledger before it is /);
});

pages("who is not the owner sees nothing of it", async () => {
  await page.run("localStorage.clear()");
  await page.open("about:blank");
  await page.open(`${server.url}/#/settings/data`);
  await until("the section", () => page.run("return document.querySelector(arguments[0]) !== null", DATA));
  const cards = await page.run(`return [...document.querySelectorAll("${DATA} > .card")].every((card) => card.hidden)`);
  assert.ok(cards, "every card is hidden");
});
