// Makes pictures of every screen in pictures/: each view and section, light and dark, wide and narrow, and the states a
// user seldom sees. They show a ledger of their own, filled through the public API. Run it with `make pictures`.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBrowser, startSpendlight, until } from "../../tests/pages/driver.mjs";
import { startProvider } from "../../tests/pages/provider.mjs";
import { fill } from "../../tests/pages/example.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const out = `${root}pictures`;
const program = process.env.SPENDLIGHT ?? `${process.env.CARGO_TARGET_DIR ?? `${root}target`}/debug/spendlight`;
const SCREENS = {
  dashboard: "#/dashboard",
  history: "#/history",
  "history-denied": "#/history?outcome=denied",
  "settings-budgets": "#/settings/budgets",
  "settings-notifications": "#/settings/notifications",
  "settings-prices": "#/settings/prices",
  "settings-keys": "#/settings/keys",
  "settings-connection": "#/settings/connection",
  "settings-data": "#/settings/data",
  "settings-general": "#/settings/general",
};
const WIDTHS = [960, 480];

const provider = await startProvider();
const server = await startSpendlight(program, { config: provider.config(["openai"]) });
const browser = await startBrowser({ height: 720 });
let taken = 0;

/** A picture of one screen, once everything it asked for is there. */
async function picture(name, fragment) {
  // A page that is there already would only be told of another fragment, and may have answered it before.
  await browser.open("about:blank");
  await browser.open(`${server.url}/${fragment}`);
  await until(`${name} at rest`, () =>
    browser.run(
      `const shown = document.querySelector("main")?.innerText.length > 20 && document.readyState === "complete";
       const seen = [document.body.innerText, ...[...document.images].map((i) => i.complete + i.currentSrc)].join();
       const still = window.lastSeen === seen;
       window.lastSeen = seen;
       window.timesStill = shown && still ? (window.timesStill ?? 0) + 1 : 0;
       return window.timesStill > 8;`,
    ),
  );
  writeFileSync(`${out}/${name}.png`, await browser.picture());
  taken += 1;
}

async function inBothThemes(name, fragment) {
  for (const theme of ["light", "dark"]) {
    await server.owner("PUT", "/v1/settings", { theme });
    await picture(`${name}-${theme}-${width}`, fragment);
  }
}

let width = WIDTHS[0];
try {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  await browser.open(`${server.url}/#token=${server.token}`);
  for (width of WIDTHS) {
    await browser.size(width);
    await inBothThemes("first-run", "#/dashboard");
  }
  width = WIDTHS[0];
  await browser.size(width);
  await inBothThemes("history-empty", "#/history");
  await inBothThemes("alerts-empty", "#/alerts");
  await fill(server);
  for (width of WIDTHS) {
    await browser.size(width);
    for (const [name, fragment] of Object.entries(SCREENS)) await inBothThemes(name, fragment);
    await inBothThemes("settings-budget-editor", "#/settings/budgets?edit=openai-day");
  }
  await server.record({ model: "gpt-5", project: "nightly-eval", cost_usd: 0.28 });
  await server.record({ model: "gpt-5", project: "nightly-eval", cost_usd: 0.15 });
  for (width of WIDTHS) {
    await browser.size(width);
    await inBothThemes("exceeded", "#/dashboard");
    await inBothThemes("alerts", "#/alerts");
  }
  const budget = await server.ask("GET", "/v1/budgets/openai-day");
  await server.owner("PUT", "/v1/budgets/openai-day", { ...budget, action: "ask" });
  // Its answer never comes: it ends with the server.
  const call = { provider: "openai", model: "gpt-5", project: "nightly-eval", cost_usd: 0.05, reserve: true };
  server.ask("POST", "/v1/check", call).catch(() => {});
  for (width of WIDTHS) {
    await browser.size(width);
    await inBothThemes("question", "#/dashboard");
  }
  await server.owner("POST", "/v1/pause");
  await inBothThemes("paused", "#/dashboard");
  for (const complaint of await browser.complaints()) console.log(`the page complains: ${complaint}`);
  console.log(`${taken} pictures in pictures/`);
} finally {
  await browser.stop();
  await server.stop();
  await provider.stop();
}
