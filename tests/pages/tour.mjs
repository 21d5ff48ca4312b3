// Every screen there is, one after the other, each at rest: what looks at screens (looks.test.mjs, words.test.mjs and
// the pictures) walks along here. Not here: what is looked for.
import { until } from "./driver.mjs";
import { fill } from "./example.mjs";

// [name, where it is, what stands there when it is ready, what is clicked first].
const EMPTY = [
  ["first-run", "#/dashboard", ".first .code"],
  ["history-empty", "#/history", ".blank:not([hidden])"],
  ["alerts-empty", "#/alerts", ".empty-page:not([hidden])"],
];
const FILLED = [
  ["dashboard", "#/dashboard", ".feed li"],
  ["history", "#/history", "tr[data-call]"],
  ["history-call", "#/history", ".side:not([hidden])", "tr[data-call]:nth-child(6)"],
  ["history-export", "#/history", ".exporting:not([hidden])", ".tools .btn[aria-expanded]"],
  ["history-more", "#/history", ".more-tools:not([hidden])", ".tools .chip"],
  ["history-denied", "#/history?outcome=denied", "tr[data-call]"],
  ["settings-budgets", "#/settings/budgets", ".budget-row"],
  ["settings-budget-new", "#/settings/budgets?new=day", "form.editor"],
  ["settings-budget-edit", "#/settings/budgets?edit=openai-day", "form.editor .impact:not([hidden])"],
  ["settings-notifications", "#/settings/notifications", ".opt"],
  ["settings-prices", "#/settings/prices", ".opt"],
  ["settings-keys", "#/settings/keys", ".opt"],
  ["settings-key-new", "#/settings/keys", "form.editor", ".pane > section:not([hidden]) .head .btn"],
  ["settings-connection", "#/settings/connection", ".base-urls"],
  ["settings-data", "#/settings/data", ".opt"],
  ["settings-general", "#/settings/general", ".opt"],
  ["glance", "glance.html", ".glance li"],
];
const IN_EUROS = [
  ["dashboard-euros", "#/dashboard", ".feed li"],
  ["history-euros", "#/history", "tr[data-call]"],
  ["settings-euros", "#/settings/general", ".currency"],
];
const EXCEEDED = [
  ["exceeded", "#/dashboard", ".state.l-exceeded"],
  ["alerts", "#/alerts", ".alert"],
  ["alerts-snooze", "#/alerts", ".alert .acts", ".alert .acts .ghost"],
  ["glance-exceeded", "glance.html", ".glance .state.l-exceeded"],
];
const PAUSED = [["paused", "#/dashboard", ".state.l-paused"]];
const QUESTION = [["question", "#/dashboard", ".question"]];
const ERROR = [
  ["error", "#/dashboard", ".state.l-exceeded"],
  ["history-error", "#/history", ".notice:not([hidden]) .note"],
];

/** Waits until what is shown stays the same. */
export async function atRest(page, name) {
  await page.run("window.timesStill = 0");
  await until(`${name} at rest`, () =>
    page.run(
      `const shown = document.querySelector("main")?.innerText.length > 20 && document.readyState === "complete";
       const seen = [document.body.innerText, ...[...document.images].map((i) => i.complete + i.currentSrc)].join();
       const still = window.lastSeen === seen;
       window.lastSeen = seen;
       window.timesStill = shown && still ? (window.timesStill ?? 0) + 1 : 0;
       return window.timesStill > 8;`,
    ),
  );
}

/** Opens the screens; a page that has been there before is left first, so that each begins as for one who comes anew. */
async function* screens(page, url, list, { anew = true } = {}) {
  for (const [name, fragment, ready, click] of list) {
    if (anew) {
      await page.open("about:blank");
      await page.open(`${url}/${fragment}`);
    } else await page.run("location.hash = arguments[0]", fragment);
    if (click) await page.click(click);
    await until(`${name} is ready`, () => page.run("return document.querySelector(arguments[0])?.offsetParent", ready));
    await atRest(page, name);
    yield name;
  }
}

/**
 * Yields the name of each screen once the page is there. `url`: where the pages are; `server`: a new one, whose OpenAI
 * is a stand-in. It is stopped on the way, and its ledger kept.
 */
export async function* tour(page, url, server, { theme = "light" } = {}) {
  // The ledger's days begin when those of the example do.
  const { timeZone: time_zone } = Intl.DateTimeFormat().resolvedOptions();
  await server.owner("PUT", "/v1/settings", { theme, time_zone });
  await page.open(`${url}/#token=${server.token}`);
  yield* screens(page, url, EMPTY);
  await fill(server);
  yield* screens(page, url, FILLED);
  await server.owner("PUT", "/v1/settings", { currency: { code: "EUR", rate: 0.92, since: "2026-11-02" } });
  yield* screens(page, url, IN_EUROS);
  await server.owner("PUT", "/v1/settings", { currency: { code: "USD" } });
  await server.record({ model: "gpt-5", project: "nightly-eval", cost_usd: 0.28 });
  await server.record({ model: "gpt-5", project: "nightly-eval", cost_usd: 0.3 });
  yield* screens(page, url, EXCEEDED);
  const budget = await server.ask("GET", "/v1/budgets/openai-day");
  await server.owner("PUT", "/v1/budgets/openai-day", { ...budget, action: "ask" });
  // Its answer never comes: it ends with the server.
  const call = { provider: "openai", model: "gpt-5", project: "nightly-eval", cost_usd: 0.05, reserve: true };
  server.ask("POST", "/v1/check", call).catch(() => {});
  yield* screens(page, url, QUESTION);
  await server.owner("POST", "/v1/pause");
  yield* screens(page, url, PAUSED);
  // What was seen before the server went stays to be seen.
  await page.run("location.hash = '#/history'");
  await until("the history", () => page.run("return document.querySelector('tr[data-call]') !== null"));
  await server.stop({ keep: true });
  yield* screens(page, url, ERROR, { anew: false });
}
