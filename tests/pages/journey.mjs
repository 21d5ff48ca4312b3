// What a user does on a day, the same in every place that shows the pages: each step is done in the page and seen in all
// the others, the API, the ledger's file and, where there is one, the tray. Not here: which place (journey.test.mjs,
// tests/desktop/window.test.mjs).
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./webdriver.mjs";

/** What the ledger's file says, read past the program that owns it. */
function ledger(dir, question) {
  const script = "import sqlite3, sys; print(sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True).execute(sys.argv[2]).fetchone()[0])";
  const read = spawnSync("/usr/bin/python3", ["-c", script, join(dir, "ledger.sqlite3"), question], { encoding: "utf8" });
  assert.equal(read.status, 0, read.stderr);
  return read.stdout.trim();
}

/**
 * The steps, in their order: [rule, run]. `place()` has {page, server}, and `tray()`, which reads {tooltip, menu} where
 * there is a tray.
 */
export function steps(place) {
  const shows = (selector, pattern) =>
    until(`${selector} shows ${pattern}`, async () => pattern.test((await place().page.text(selector)) ?? ""));
  const go = (fragment) => place().page.run("location.hash = arguments[0]", fragment);
  const trayShows = async (what, pattern) => {
    if (place().tray) await until(what, async () => (await place().tray()).menu.some((line) => pattern.test(line)));
  };

  return [
    [
      "the first run says how to make a call, and leads to the limits and back",
      async () => {
        await shows(".first h1", /Waiting for the first call/);
        await shows(".first .code", /^export OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/openai\/v1$/);
        await place().page.click(".first a[href='#/settings/budgets']");
        await shows(".budget-row", /OpenAI today/);
        await go("#/dashboard");
        await shows(".first h1", /Waiting/);
      },
    ],
    [
      "a call that is recorded arrives, and the first run is over",
      async () => {
        await place().server.record({ call_id: "first", project: "eval", cost_usd: 0.0421 });
        await shows(".feed li", /gpt-5-mini eval\$0\.0421/);
        await shows(".budget[aria-label=OpenAI] .line b", /\$0\.04/);
        assert.equal(await place().page.run("return document.querySelector('.first').hidden"), true);
        await until("the chart", () => place().page.run("return document.querySelector('.plot img')?.naturalWidth > 0"));
        await trayShows("the tray's line of it", /^OpenAI today +\$0\.04 of \$1\.00 /);
      },
    ],
    [
      "a limit that is edited is the page's, the API's, the ledger's and the tray's",
      async () => {
        const { page, server } = place();
        await go("#/settings/budgets?edit=openai-day");
        await until("its form", () => page.run("return document.querySelector('form.editor') !== null"));
        await page.fill("form.editor input", "2.50");
        await page.click("form.editor .primary");
        await until("the API's", async () => (await server.ask("GET", "/v1/budgets/openai-day")).limit === 2.5);
        const stored = ledger(server.dir, "SELECT limit_value FROM budgets WHERE id = 'openai-day'");
        assert.equal(stored, "2500000000", "nano-dollars in the ledger");
        await shows(".budget-row", /\$2\.50/);
        await go("#/dashboard");
        await shows(".budget[aria-label=OpenAI] .line .top", /of \$2\.50/);
        await trayShows("the tray's", /^OpenAI today +\$0\.04 of \$2\.50 /);
      },
    ],
    [
      "the history is narrowed, and one call told in full",
      async () => {
        const { page, server } = place();
        await server.record({ call_id: "other", provider: "gemini", model: "gemini-2.5-flash", cost_usd: 0.001234567 });
        await go("#/history");
        await shows(".found", /^2 calls$/);
        await page.choose("select[aria-label=Provider]", "gemini");
        await shows(".found", /^1 call$/);
        await page.click("tr[data-call=other]");
        await shows(".side .big", /^\$0\.001234567$/);
        await page.press("Escape");
        await until("it closed", () => page.run("return document.querySelector('.side').hidden"));
      },
    ],
    [
      "what the history is narrowed to is exported into a file",
      async () => {
        const { page, server } = place();
        await page.click(".tools .btn[aria-expanded]");
        await shows(".exporting .primary", /^Export 1 call$/);
        await page.click(".exporting .primary");
        await shows(".exporting [role=status]", /^1 call, .+spendlight-.+\.csv$/);
        const [file] = readdirSync(server.dir).filter((name) => /^spendlight-.+\.csv$/.test(name));
        assert.match(readFileSync(join(server.dir, file), "utf8"), /^call_id,.*\nother,/);
      },
    ],
    [
      "an alert comes by itself, and is acknowledged with a key",
      async () => {
        const { page, server } = place();
        await go("#/alerts");
        await server.record({ cost_usd: 2.05 });
        await shows(".alert.is-new", /OpenAI today/);
        await trayShows("the tray counts it", /^Alerts, 1 new$/);
        await page.run("document.querySelector('.alert').focus()");
        await page.press("a");
        await shows(".alert.is-done", /Acknowledged/);
        const { alerts } = await server.ask("GET", "/v1/alerts");
        assert.deepEqual(alerts.map((alert) => alert.state), ["acknowledged"]);
        await trayShows("the tray counts none", /^Alerts$/);
      },
    ],
    [
      "another theme is on at once, and kept",
      async () => {
        const { page, server } = place();
        const paper = () => page.run("return getComputedStyle(document.body).backgroundColor");
        await go("#/settings/general");
        await shows("section[aria-label=General] .opt", /Appearance/);
        await page.click("section[aria-label=General] .seg button:nth-child(2)");
        await until("light", async () => (await server.ask("GET", "/v1/settings")).theme === "light");
        const light = await paper();
        await page.click("section[aria-label=General] .seg button:nth-child(3)");
        await until("dark", async () => (await server.ask("GET", "/v1/settings")).theme === "dark");
        assert.equal(await page.run("return document.documentElement.dataset.theme"), "dark");
        assert.notEqual(await paper(), light);
      },
    ],
    [
      "calls are paused and go again, and everybody knows",
      async () => {
        const { page, server } = place();
        const state = async () => (await server.ask("GET", "/v1/status")).state;
        await go("#/dashboard");
        await page.press("P", "Control", "Shift");
        await shows(".state h1", /Paused/);
        assert.equal(await state(), "paused");
        await trayShows("the tray offers to resume", /^Resume calls$/);
        await page.click(".state .btn.primary");
        await until("calls going again", async () => (await state()) !== "paused");
        await trayShows("the tray offers to pause", /^Pause all calls$/);
      },
    ],
  ];
}

/** What an accessibility engine finds that keeps people from using the page as it is now: ["rule at element"…]. */
export async function findings(page, engine, options = {}) {
  await page.run(readFileSync(engine, "utf8"));
  const { violations, error } = await page.run(
    "return axe.run(document, { resultTypes: ['violations'], ...arguments[0] }).catch((error) => ({ error: String(error) }))",
    options,
  );
  assert.equal(error, undefined, "the engine runs");
  return violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) =>
      one.nodes.map((node) => `${one.id} at ${node.target.join(" ")}: ${node.any[0]?.message ?? one.help}`),
    );
}
