// The pages in a language that nobody speaks: every word on them is from the catalogue, and there is room for longer ones.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { program, skip, startBrowser, startSpendlight } from "./driver.mjs";
import { startFront } from "./front.mjs";
import { beyondEdges } from "./looking.mjs";
import { startProvider } from "./provider.mjs";
import { everyText, foreign, spoken } from "./pseudo.mjs";
import { tour } from "./tour.mjs";

const WIDTHS = [1280, 480];
let provider, server, front, page;
const found = { foreign: new Set(), edges: [], texts: 0 };
const data = new Set();

/** Remembers every text of an answer: what the server says is said in its own words. */
function remember(answer) {
  for (const [, text] of answer.matchAll(/"((?:[^"\\]|\\.)+)"/g)) {
    const said = JSON.parse(`"${text}"`);
    data.add(said).add(said.replace(/\.$/, ""));
  }
}

before(
  async () => {
    if (skip) return;
    provider = await startProvider();
    server = await startSpendlight(program, { config: provider.config(["openai"]) });
    front = await startFront(server, { change: await spoken(), heard: remember });
    page = await startBrowser({ width: WIDTHS[0] });
    await page.media({ "prefers-reduced-motion": "reduce" });
    for await (const screen of tour(page, front.url, server)) {
      const known = [...data].filter((one) => one.length > 1).sort((a, b) => b.length - a.length);
      for (const text of await page.run(everyText)) {
        found.texts += text.includes("[!");
        const left = foreign(text, known);
        if (left) found.foreign.add(`${screen}: “${left}” in “${text}”`);
      }
      for (const width of WIDTHS) {
        await page.size(width);
        found.edges.push(...(await page.run(beyondEdges)).map((one) => `${screen} at ${width}: ${one}`));
      }
      await page.size(WIDTHS[0]);
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

test("every word that is shown or read aloud is from the catalogue", { skip }, () => {
  assert.ok(found.texts > 500, `the catalogue is spoken: ${found.texts} texts are from it`);
  assert.deepEqual([...found.foreign], []);
});
test("words may be half as long again", { skip }, () => assert.deepEqual(found.edges, []));
