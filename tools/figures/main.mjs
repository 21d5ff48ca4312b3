// Measures the pages on a ledger of a million calls: how soon the dashboard can be read, how long a frame takes while a
// hundred calls a second arrive, how the history scrolls, and what an export takes. Run it with `make figures`; another
// size with CALLS=100000. It ends with 1 when a figure is beyond what the design asks for.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startBrowser, startSpendlight, until } from "../../tests/pages/driver.mjs";
import { fillWithCalls } from "./ledger.mjs";
import { FIRST_PAINT, FRAMES, SCROLL, WATCH_FRAMES } from "./watching.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = process.env.SPENDLIGHT ?? `${process.env.CARGO_TARGET_DIR ?? `${root}target`}/release/spendlight`;
const CALLS = Number(process.env.CALLS ?? 1_000_000);
/** A filled ledger is kept beside what was built, since filling one takes most of the time; LEDGER names another. */
const ledger = process.env.LEDGER ?? join(program, "..", `figures-${CALLS}`);

const OPENINGS = 5;
const SECONDS = 10;
const A_SECOND = 100;
const LIMITS = { meaningful_ms: 300, frame_ms: 50, export_mb: 40 };

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const missed = [];

/** Prints a figure, and remembers it where it is beyond its limit. */
function tell(name, value, unit, limit) {
  const beyond = limit !== undefined && value > limit;
  if (beyond) missed.push(name);
  const asked = limit === undefined ? "" : `  ${beyond ? "MISSED" : "within"} ${limit} ${unit}`;
  console.log(`${name.padEnd(52)}${value.toFixed(value < 10 ? 1 : 0).padStart(8)} ${unit}${asked}`);
}

/** The longest frame, and how many took longer than the limit. */
function tellFrames(name, frames) {
  const sorted = [...frames].sort((a, b) => a - b);
  tell(`${name}: longest frame`, sorted.at(-1), "ms", LIMITS.frame_ms);
  tell(`${name}: 99 of 100 frames`, sorted[Math.floor(sorted.length * 0.99)], "ms");
}

/** A process's memory that is its own, in MB. */
function memory(pid) {
  const found = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found[1]) / 1024;
}

async function filled() {
  const marker = join(ledger, "filled");
  if (!existsSync(marker)) {
    rmSync(ledger, { recursive: true, force: true });
    mkdirSync(ledger, { recursive: true });
    const server = await startSpendlight(program, { dir: ledger });
    const begun = Date.now();
    try {
      await fillWithCalls(server, CALLS);
    } finally {
      await server.stop({ keep: true });
    }
    mkdirSync(marker);
    tell(`filling a ledger with ${CALLS.toLocaleString("en")} calls`, (Date.now() - begun) / 1000, "s");
  }
  return startSpendlight(program, { dir: ledger });
}

/** Opens the dashboard anew some times; the browser has seen the pages before, as a window has. */
async function opening(page, server) {
  const [meaningful, whole] = [[], []];
  for (let n = 0; n <= OPENINGS; n += 1) {
    await page.open("about:blank");
    await page.open(`${server.url}/#/dashboard`);
    await until("the whole dashboard", () => page.run("return window.figures?.whole !== null"));
    const seen = await page.run("return window.figures");
    if (n === 0) continue;
    meaningful.push(seen.meaningful);
    whole.push(seen.whole);
  }
  tell("dashboard: first meaningful paint, the middle one", middle(meaningful), "ms", LIMITS.meaningful_ms);
  tell("dashboard: first meaningful paint, the slowest", Math.max(...meaningful), "ms", LIMITS.meaningful_ms);
  tell("dashboard: with chart, table and calls", middle(whole), "ms");
}

/** Records calls at an even pace, whatever the answers take. */
async function arriving(server) {
  const begun = performance.now();
  const sent = [];
  for (let n = 0; n < SECONDS * A_SECOND; n += 1) {
    await pause(Math.max(0, begun + (n * 1000) / A_SECOND - performance.now()));
    sent.push(server.record({ model: n % 2 ? "gpt-5" : "gpt-5-mini", project: "live", session: `live-${n % 7}` }));
  }
  await Promise.all(sent);
}

/** `seen`: a script that tells something of what is shown that must change as calls arrive. */
async function load(page, server, name, where, seen) {
  await page.run("location.hash = arguments[0]", where);
  await pause(1500);
  const before = await page.run(seen);
  await page.run(WATCH_FRAMES);
  await arriving(server);
  const frames = await page.run(FRAMES);
  if ((await page.run(seen)) === before) throw new Error(`${name} has shown nothing of what arrived`);
  tellFrames(`${name}, ${A_SECOND} calls a second`, frames);
}

async function history(page) {
  await page.run("location.hash = '#/history'");
  await until("the days are counted", () => page.run("return /calls/.test(document.querySelector('.found')?.textContent)"));
  await pause(1000);
  await page.run(WATCH_FRAMES);
  await page.run(SCROLL);
  await until("the end of the scrolling", () => page.run("return window.scrolled"));
  tellFrames("history, scrolled from end to end", await page.run(FRAMES));
  const first = await page.run("return document.querySelector('tr[data-call]').dataset.call");
  const begun = performance.now();
  await page.run("const all = document.querySelector('.scroll'); all.scrollTop = all.scrollHeight / 3;");
  await until("rows in the middle", () =>
    page.run(
      `const row = document.querySelector("tr[data-call]");
       return row && row.dataset.call !== arguments[0] && !document.querySelector(".blank-row");`,
      first,
    ),
  );
  tell("history: rows there after a jump", performance.now() - begun, "ms");
}

/** Exports everything and watches the server's memory meanwhile. */
async function exporting(server) {
  const before = memory(server.pid);
  let most = before;
  const begun = performance.now();
  let now = await server.owner("POST", "/v1/data/export?format=ndjson", { file: ledger });
  while (now.state === "running") {
    await pause(50);
    most = Math.max(most, memory(server.pid));
    now = await server.owner("GET", "/v1/data/export");
  }
  if (now.state !== "done") throw new Error(`the export ended otherwise: ${JSON.stringify(now)}`);
  tell("export: time", (performance.now() - begun) / 1000, "s");
  tell("export: size", statSync(now.file).size / 1e6, "MB");
  rmSync(now.file);
  tell("export: memory beyond what was in use", most - before, "MB", LIMITS.export_mb);
}

const server = await filled();
const page = await startBrowser({ width: 1280, height: 900 });
try {
  await page.open(`${server.url}/#token=${server.token}`);
  await page.early(FIRST_PAINT);
  await opening(page, server);
  await load(page, server, "dashboard", "#/dashboard", "return document.querySelector('.chart .big b').textContent");
  await load(page, server, "history", "#/history", "return document.querySelector('tr[data-call]').dataset.call");
  await history(page);
  const complaints = await page.complaints();
  if (complaints.length) throw new Error(complaints.join("\n"));
  if (existsSync(`/proc/${server.pid}/status`)) await exporting(server);
} finally {
  await page.stop();
  await server.stop({ keep: true });
}
console.log(missed.length ? `Missed: ${missed.join("; ")}.` : "Every figure is within what the design asks for.");
process.exit(missed.length ? 1 : 0);
