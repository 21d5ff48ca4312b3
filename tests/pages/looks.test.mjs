// Every screen as everyone meets it: with an accessibility engine in both themes, as narrow and as large as windows and
// text become, with the keys alone, and in forced colours. Needs axe-core (tests/pages/package.json) in MODULES.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { has, startBrowser, startSpendlight } from "./driver.mjs";
import { startFront } from "./front.mjs";
import { beyondEdges, unreachable } from "./looking.mjs";
import { startProvider } from "./provider.mjs";
import { tour } from "./tour.mjs";

const program = process.env.SPENDLIGHT ?? fileURLToPath(new URL("../../target/debug/spendlight", import.meta.url));
const engine = `${process.env.MODULES ?? fileURLToPath(new URL("../../target/pages", import.meta.url))}/node_modules/axe-core/axe.min.js`;
const skip = !existsSync(program)
  ? `no server at ${program}`
  : !has("chromedriver")
    ? "no chromedriver"
    : !existsSync(engine)
      ? `no axe-core at ${engine}`
      : false;

/** The widest window, the usual one, the narrowest; and a large window at 400 %, as wide as a page may ever have to be. */
const WIDTHS = [1280, 960, 480, 320];
const USUAL = 960;
let provider, server, front, page;
const found = { axe: [], edges: [], keys: [], forced: [] };

before(
  async () => {
    if (skip) return;
    provider = await startProvider();
    server = await startSpendlight(program, { config: provider.config(["openai"]) });
    front = await startFront(server);
    page = await startBrowser({ width: USUAL });
    // Colours that are on their way from one theme to the other are nobody's.
    await page.media({ "prefers-reduced-motion": "reduce" });
    const axe = readFileSync(engine, "utf8");
    for await (const screen of tour(page, front.url, server)) {
      await page.run(axe);
      for (const theme of ["light", "dark"]) {
        await turn(theme);
        found.axe.push(...(await findings(theme === "light" ? {} : { runOnly: ["color-contrast"] })).map((one) => `${screen} ${theme}: ${one}`));
      }
      for (const width of WIDTHS) {
        await page.size(width);
        found.edges.push(...(await page.run(beyondEdges)).map((one) => `${screen} at ${width}: ${one}`));
      }
      await page.size(USUAL);
      await turn("light");
      found.keys.push(...(await unreachable(page)).map((one) => `${screen}: ${one}`));
    }
  },
  { timeout: 600_000 },
);
after(async () => {
  await page?.stop();
  await front?.stop();
  await provider?.stop();
});

const turn = (theme) =>
  page.run("document.dispatchEvent(new CustomEvent('theme-choice', { detail: arguments[0] }))", theme);

/** What the engine finds that keeps people from using a screen. */
async function findings(options) {
  const { violations, error } = await page.run(
    "return axe.run(document, { resultTypes: ['violations'], ...arguments[0] }).catch((error) => ({ error: String(error) }))",
    options,
  );
  assert.equal(error, undefined, "the engine runs");
  return violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id} at ${node.target.join(" ")}: ${node.any[0]?.message ?? one.help}`));
}

test("no screen, light or dark, keeps anybody out", { skip }, () => assert.deepEqual(found.axe, []));
test("no screen scrolls sideways or cuts anything off, however narrow or enlarged", { skip }, () =>
  assert.deepEqual(found.edges, []));
test("the keys reach everything, and it is seen where they are", { skip }, () => assert.deepEqual(found.keys, []));
