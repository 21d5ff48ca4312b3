// Makes pictures of every screen in pictures/: each view and section, light and dark, wide and narrow, and the states a
// user seldom sees. They show a ledger of their own, filled through the public API. Run it with `make pictures`; ONLY
// narrows it to the screens whose names it is part of.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBrowser, startSpendlight } from "../../tests/pages/driver.mjs";
import { startProvider } from "../../tests/pages/provider.mjs";
import { atRest, tour } from "../../tests/pages/tour.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const out = `${root}pictures`;
const program = process.env.SPENDLIGHT ?? `${process.env.CARGO_TARGET_DIR ?? `${root}target`}/debug/spendlight`;
const only = process.env.ONLY ?? "";
const WIDTHS = [480, 960];

const provider = await startProvider();
const browser = await startBrowser({ width: WIDTHS.at(-1), height: 720, scrollbars: false });
let taken = 0;
try {
  await browser.media({ "prefers-reduced-motion": "reduce" });
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  for (const theme of ["light", "dark"]) {
    const server = await startSpendlight(program, { config: provider.config(["openai"]) });
    try {
      for await (const screen of tour(browser, server.url, server, { theme })) {
        if (!screen.includes(only)) continue;
        // The width that is left again comes last, so that the tour goes on in it.
        for (const width of WIDTHS) {
          await browser.size(width);
          await atRest(browser, screen);
          writeFileSync(`${out}/${screen}-${theme}-${width}.png`, await browser.picture());
          taken += 1;
        }
      }
    } finally {
      await server.stop();
    }
  }
  for (const complaint of await browser.complaints())
    // The server was stopped on purpose.
    if (!/net::ERR_|\/v1\/check/.test(complaint)) console.log(`the page complains: ${complaint}`);
  console.log(`${taken} pictures in pictures/`);
} finally {
  await browser.stop();
  await provider.stop();
}
