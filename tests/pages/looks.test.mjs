// Every screen as everyone meets it: with an accessibility engine in both themes, as narrow and as large as windows and
// text become, with the keys alone, and in forced colours. Needs axe-core (tests/pages/package.json) in MODULES.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { program, skip as noPages, startBrowser, startSpendlight } from "./driver.mjs";
import { startFront } from "./front.mjs";
import { findings } from "./journey.mjs";
import { alike, beyondEdges, moving, unreachable } from "./looking.mjs";
import { startProvider } from "./provider.mjs";
import { tour } from "./tour.mjs";

const engine = `${process.env.MODULES ?? fileURLToPath(new URL("../../target/pages", import.meta.url))}/node_modules/axe-core/axe.min.js`;
const skip = noPages || (existsSync(engine) ? false : `no axe-core at ${engine}`);

/** The widest window, the usual one, the narrowest; and a large window at 400 %, as wide as a page may ever have to be. */
const WIDTHS = [1280, 960, 480, 320];
const USUAL = 960;
let provider, server, front, page;
const STILL = { "prefers-reduced-motion": "reduce" };
const found = { axe: [], edges: [], keys: [], forced: [], motion: [] };

before(
  async () => {
    if (skip) return;
    provider = await startProvider();
    server = await startSpendlight(program, { config: provider.config(["openai"]) });
    front = await startFront(server);
    page = await startBrowser({ width: USUAL });
    // Colours that are on their way from one theme to the other are nobody's.
    await page.media(STILL);
    for await (const screen of tour(page, front.url, server)) {
      for (const theme of ["light", "dark"]) {
        await turn(theme);
        const options = theme === "light" ? {} : { runOnly: ["color-contrast"] };
        found.axe.push(...(await findings(page, engine, options)).map((one) => `${screen} ${theme}: ${one}`));
      }
      for (const width of WIDTHS) {
        await page.size(width);
        found.edges.push(...(await page.run(beyondEdges)).map((one) => `${screen} at ${width}: ${one}`));
      }
      await page.size(USUAL);
      await turn("light");
      found.motion.push(...(await page.run(moving)).map((one) => `${screen}: ${one}`));
      await page.media({ ...STILL, "forced-colors": "active" });
      found.forced.push(...(await page.run(alike)).map((one) => `${screen}: ${one}`));
      await page.media(STILL);
      found.keys.push(...(await unreachable(page)).map((one) => `${screen}: ${one}`));
    }
  },
  { timeout: 600_000 },
);
after(async () => {
  await page?.stop();
  await front?.stop();
  await server?.stop();
  await provider?.stop();
});

const turn = (theme) =>
  page.run("document.dispatchEvent(new CustomEvent('theme-choice', { detail: arguments[0] }))", theme);

test("no screen, light or dark, keeps anybody out", { skip }, () => assert.deepEqual(found.axe, []));
test("no screen scrolls sideways or cuts anything off, however narrow or enlarged", { skip }, () =>
  assert.deepEqual(found.edges, []));
test("the keys reach everything, and it is seen where they are", { skip }, () => assert.deepEqual(found.keys, []));
test("states are told apart in a system's own few colours", { skip }, () => assert.deepEqual(found.forced, []));
test("nothing moves for those who asked for that", { skip }, () => assert.deepEqual(found.motion, []));
