// The pages in a real browser against a real server: what is recorded appears, what is set holds, and the page asks
// for nothing it may not have. Run with a built server: SPENDLIGHT=path node --test tests/pages (default:
// target/debug/spendlight). Skipped where there is no chromedriver.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { snippets } from "../../ui/views/snippets.js";
import { enter, has, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser();
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));

pages("the link with the token gives the page the token and leaves no trace of it in the address", async () => {
  await enter(page, server);
});

pages("before the first call the page says how to make one", async () => {
  await shows(".first h1", /Waiting for the first call/);
  await shows(".first .code", /^export OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/openai\/v1$/);
});

pages("a call appears as it is recorded, without asking", async () => {
  await server.record({ call_id: "first", project: "eval", cost_usd: 0.0421 });
  await shows(".feed li", /gpt-5-mini eval\$0\.0421/);
  assert.equal(await page.run("return document.querySelector('.first').hidden"), true, "the first run is over");
  await shows(".budget[aria-label=OpenAI] .line b", /\$0\.04/);
  await shows(".chart .big b", /\$0\.04/);
  await until("the chart", () => page.run("return Boolean(document.querySelector('.plot img')?.naturalWidth)"));
});

pages("the meter says everything aloud", async () => {
  assert.match(
    await page.run("return document.querySelector('.meter').getAttribute('aria-valuetext')"),
    /^\$0\.04 of \$[\d.]+, \d+ percent/,
  );
});

pages("a call in flight shows its ceiling, and its row stays when it settles", async () => {
  const { call_id } = await server.ask("POST", "/v1/check", {
    provider: "gemini",
    model: "gemini-2.5-flash",
    input_tokens: 100,
    max_output_tokens: 100,
    reserve: true,
  });
  await shows(".feed li", /gemini-2\.5-flash.*≤ /);
  await page.run("document.querySelector('.feed li').dataset.mark = 'same'");
  await server.record({
    call_id,
    provider: "gemini",
    model: "gemini-2.5-flash",
    input_tokens: 100,
    output_tokens: 10,
    cost_usd: 0.002,
  });
  await shows(".feed li[data-mark=same]", /\$0\.0020/);
});

pages("a call that is told late stands where it began", async () => {
  const at = new Date(Date.now() - 3_600_000).toISOString();
  await server.record({ call_id: "late", project: "backfill", cost_usd: 0.0001, at });
  await shows(".feed li:last-child", /gpt-5-mini backfill/);
});

pages("a call and a model without a known price say so, as the history does", async () => {
  await server.record({ call_id: "mystery", model: "mystery-9" });
  await shows(".feed li .mark.odd:not([hidden])", /^Price unknown$/);
  await shows("[aria-label=Breakdown] tr:has(.mark.odd:not([hidden]))", /^mystery-9Price unknown/);
  assert.equal(await page.run("return document.querySelectorAll('.mark.odd:not([hidden])').length"), 2, "no other one");
});

pages("the chart is read column by column with the keys", async () => {
  await until("columns", () =>
    page.run("document.querySelector('.plot').focus(); return document.querySelector('.plot img') !== null"),
  );
  await page.press("ArrowRight");
  await shows(".plot .pop h3", /\d+ \w{3}/);
  await page.press("Escape");
});

pages("the breakdown has the chart's time, unit and grouping", async () => {
  const rows = () =>
    page.run("return [...document.querySelectorAll('[aria-label=Breakdown] tbody tr')].map((row) => row.cells[0].innerText.trim())");
  const pick = (group, name) =>
    page.run(
      `[...document.querySelectorAll("[role=radiogroup][aria-label='" + arguments[0] + "'] button")]
         .find((button) => button.textContent === arguments[1]).click();`,
      group,
      name,
    );
  await page.run(
    `const list = document.querySelector(".chart select");
     list.value = "project";
     list.dispatchEvent(new Event("change", { bubbles: true }));`,
  );
  await shows("[aria-label=Breakdown] h2", /^Top projects$/);
  await pick("Range", "Today");
  await shows("[aria-label=Breakdown] header .faint", /^Today$/);
  const told = await server.ask("GET", "/v1/breakdown?range=today&by=project");
  assert.deepEqual(await rows(), told.groups.map((group) => group.key ?? "Not attributed"));
  await pick("Unit", "Tokens");
  await until("the order of tokens", () =>
    page.run("return document.querySelector('[aria-label=Breakdown] table').getAttribute('aria-label') === 'Today, most tokens first'"),
  );
  await pick("Break down by", "Session");
  await shows("[aria-label=Breakdown] h2", /^Top sessions$/);
  await pick("Range", "Month");
  await pick("Unit", "$");
  await pick("Break down by", "Model");
  await shows("[aria-label=Breakdown] h2", /^Top models$/);
});

pages("a budget is added from a template, changed, refused in words, and removed", async () => {
  await page.run("location.hash = '#/settings/budgets'");
  await page.click("section[aria-label=Budgets] .head .btn");
  await page.click("form.editor .chip:nth-child(3)");
  await page.click("form.editor .primary");
  const named = (name) =>
    `return [...document.querySelectorAll('.budget-row')].findIndex((row) => row.textContent.includes('${name}'))`;
  await until("the new budget in the list", async () => (await page.run(named("All calls today"))) >= 0);
  const { budgets } = await server.ask("GET", "/v1/budgets");
  const added = budgets.find((one) => one.name === "All calls today");
  assert.deepEqual([added.limit, added.buffer, added.unit, added.window], [1_000_000, 50_000, "tokens", "day"]);

  await page.run(`location.hash = '#/settings/budgets?edit=${added.id}'`);
  await until("its form", () => page.run("return document.querySelector('form.editor') !== null"));
  await page.fill("form.editor input", "-1");
  await page.click("form.editor .primary");
  await shows("form.editor .wrong:not([hidden])", /The limit is/);
  await page.fill("form.editor input", "2M");
  await page.click("form.editor .primary");
  await until("the new limit", async () => (await server.ask("GET", `/v1/budgets/${added.id}`)).limit === 2_000_000);

  await page.run(`location.hash = '#/settings/budgets?edit=${added.id}'`);
  await page.click("form.editor .danger");
  await shows("form.editor [role=alert]:not([hidden])", /Delete All calls today\?/);
  await page.click("form.editor .btn.danger");
  await until("the budget gone", async () => (await page.run(named("All calls today"))) < 0);
});

pages("pausing denies and the page says so; resuming ends it", async () => {
  await page.run("location.hash = '#/dashboard'");
  await page.press("P", "Control", "Shift");
  await shows(".state h1", /Paused/);
  await page.click(".state .btn.primary");
  await until("calls going again", async () => !/Paused/.test(await page.text(".state h1")));
});

pages("the pause button's tooltip never says what held before it was pressed", async () => {
  const title = () => page.run("return document.querySelector('.bar button[data-paused]').getAttribute('title')");
  await page.run("location.hash = '#/history'");
  await until("history", () => page.run("return document.querySelector('[aria-label=Views] [aria-current]').hash === '#/history'"));
  assert.equal(await title(), "Deny every call until you resume");
  for (const [said, then] of [
    ["Resume", "Let calls go again"],
    ["Pause", "Deny every call until you resume"],
  ]) {
    await page.point(".bar button[data-paused]", { press: true });
    await shows(".bar button[data-paused]", new RegExp(`^${said}$`));
    assert.equal(await title(), null, "the pointer is still there");
    await page.point("nav a[aria-current=page]");
    assert.equal(await title(), then);
  }
});

pages("a call that waits is answered from whatever view is open", async () => {
  const call = { provider: "groq", model: "big", project: "eval", cost_usd: 0.02, reserve: true };
  for (const [id, view, button, outcome] of [
    ["asks-once", "dashboard", 1, /^allowed$/],
    ["asks-no", "history", 3, /: 402 .*denied it/],
    ["asks-more", "settings", 2, /^allowed$/],
  ]) {
    const scope = { provider: "groq" };
    await server.owner("POST", "/v1/budgets", { id, name: "Groq today", scope, window: "day", limit: 0.01, action: "ask" });
    await page.run(`location.hash = '#/${view}'`);
    const waiting = server.ask("POST", "/v1/check", call).then(
      () => "allowed",
      (refusal) => refusal.message,
    );
    await shows(".question strong", /^Groq today would go over \$0\.01$/);
    await shows(".question p", /^big of project eval wants up to \$0\.02; .* It waits until \d\d:\d\d:\d\d\.$/);
    await shows(".question .num", /^\d+ s$/);
    await shows(".question .btn:nth-of-type(2)", /^Raise to \$0\.0[24] until midnight$/);
    await page.click(`.question .btn:nth-of-type(${button})`);
    assert.match(await waiting, outcome);
    await until("no question left", () => page.run("return document.querySelector('.question') === null"));
    const { override } = await server.ask("GET", `/v1/budgets/${id}`);
    assert.equal(override?.limit ?? null, button === 2 ? 0.04 : null, "only a raise raises");
    await server.owner("DELETE", `/v1/budgets/${id}`);
  }
});

pages("a month's budget may be raised until the month ends", async () => {
  await page.run("location.hash = '#/settings/budgets?edit=gemini-month'");
  const end = "form.editor select[aria-label='When the raise ends']";
  await until("when it ends", () => page.run("return document.querySelector(arguments[0]) !== null", end));
  assert.equal(await page.run("return document.querySelector(arguments[0]).selectedOptions[0].text", end), "until midnight");
  await page.run("document.querySelector(arguments[0]).value = 'month'", end);
  await page.fill("form.editor .ruled input", "9.50");
  await page.run("[...document.querySelectorAll('form.editor .ruled button')].find((one) => one.textContent === 'Raise').click()");
  const raised = await until("the raise", async () => (await server.ask("GET", "/v1/budgets/gemini-month")).override);
  const { end: monthEnds } = (await server.ask("GET", "/v1/status")).budgets.find((one) => one.budget === "gemini-month").window;
  assert.deepEqual([raised.limit, Date.parse(raised.until)], [9.5, Date.parse(monthEnds)]);
  await server.owner("PUT", "/v1/budgets/gemini-month", { ...(await server.ask("GET", "/v1/budgets/gemini-month")), override: null });
});

pages("an alert comes by itself and is acknowledged with a key", async () => {
  await server.owner("POST", "/v1/budgets", {
    id: "pages-alert",
    name: "Mistral today",
    scope: { provider: "mistral" },
    window: "day",
    unit: "usd",
    limit: 0.01,
    buffer: 0,
    action: "warn",
    thresholds: [80, 95],
    enabled: true,
  });
  await page.run("location.hash = '#/alerts'");
  await server.record({ provider: "mistral", model: "mistral-small", cost_usd: 0.0085 });
  await shows(".alert.is-new", /Mistral today/);
  await page.press("ArrowDown");
  await page.press("a");
  await shows(".alert.is-done", /Acknowledged/);
});

pages("history lists, searches and tells the cost to the nano-dollar", async () => {
  await server.record({ call_id: "exact", cost_usd: 0.001234567 });
  await page.run("location.hash = '#/history'");
  await until("the call", () => page.run("return document.querySelector('tr[data-call=exact]') !== null"));
  await page.click("tr[data-call=exact]");
  await shows(".side .big", /^\$0\.001234567$/);
  await page.press("Escape");
});

pages("a key is issued, shown once, required and revoked after a question", async () => {
  const keys = "section[aria-label=Keys]";
  await page.run("location.hash = '#/settings/keys'");
  await until("the section", () => page.run("return document.querySelector(arguments[0]) !== null", `${keys} .switch`));
  await page.click(`${keys} .head .btn`);
  await page.click(`${keys} form .primary`);
  await shows(`${keys} form .wrong:not([hidden])`, /The name is missing/);
  await page.fill(`${keys} form input`, "Nightly eval");
  await page.click(`${keys} form .primary`);
  await shows(`${keys} .code`, /^sl-[\w-]{43}$/);
  const key = await page.text(`${keys} .code`);
  await shows(`${keys} .opt`, /Nightly eval nightly-eval.*All models · never used/);
  await page.click(`${keys} [role=status] header .btn`);
  const left = () => page.run("return document.documentElement.outerHTML.includes(arguments[0])", key);
  await until("the key gone from the page", async () => !(await left()));

  const check = () =>
    server.ask("POST", "/v1/check", { provider: "house", model: "m", cost_usd: 0.01 }).then(
      () => "allowed",
      (refusal) => refusal.message,
    );
  await page.click(`${keys} .switch`);
  await until("a check refused", async () => /needs a Spendlight key/.test(await check()));
  // While it is being turned, another click on it is none.
  const turned = `${keys} .switch[aria-checked=true]:enabled`;
  await until("the switch turned", () => page.run("return document.querySelector(arguments[0]) !== null", turned));
  await page.click(turned);
  await until("a check allowed", async () => (await check()) === "allowed");

  await page.click(`${keys} [aria-label='Revoke Nightly eval']`);
  await shows(`${keys} .asks [role=alert]`, /Revoke Nightly eval\?/);
  await page.click(`${keys} .asks .danger`);
  await shows(`${keys} .opt.is-off`, /Nightly eval.*revoked on/);
});

pages("a provider's key is kept in a file only when that was chosen, and never shown", async () => {
  const card = "section[aria-label=Keys] > .card:last-child";
  await page.click(`${card} header .btn`);
  await page.fill(`${card} form input`, "groq");
  await page.fill(`${card} form input[type=password]`, "gsk_from_the_page");
  await page.click(`${card} form .primary`);
  await shows(`${card} form [role=alert]:not([hidden])`, /keychain cannot be used/);
  await page.click(`${card} form .btn:nth-last-child(2)`);
  await shows(`${card} .opt`, /Groq.*In a file that only you can read/);
  assert.equal(await page.run("return document.documentElement.outerHTML.includes('gsk_from')"), false);
  await page.click(`${card} .asks .btn`);
  await page.click(`${card} .asks .danger`);
  await until("it forgotten", async () => (await page.text(`${card} .opt`)) === null);
});

pages("no view is wider than a narrow window", async () => {
  await page.size(480);
  for (const view of [
    "dashboard",
    "history",
    "alerts",
    "settings/budgets",
    "settings/notifications",
    "settings/prices",
    "settings/keys",
    "settings/connection",
    "settings/data",
    "settings/general",
  ]) {
    await page.run("location.hash = arguments[0]", `#/${view}`);
    assert.ok(await page.run("return document.documentElement.scrollWidth <= innerWidth"), `${view} fits 480 pixels`);
  }
  await page.size(960);
});

pages("nothing the page did was refused or went wrong", async () => {
  // The browser tells of every answer like this one, which a test above has asked for.
  const asked = (line) => line.includes("/v1/provider-keys/groq") && line.includes("503");
  const complaints = (await page.complaints()).filter((line) => !asked(line));
  assert.deepEqual(complaints, [], "no violation of the content security policy, no error");
});

pages("the snippets work as they stand", async () => {
  const runners = { curl: ["bash", "-ec"], Python: ["python3", "-c"], Node: ["node", "--input-type=module", "-e"] };
  for (const [name, code] of snippets(server.url.slice("http://".length))) {
    const [command, ...flags] = runners[name] ?? [];
    if (!command || !has(command)) continue;
    const done = spawnSync(command, [...flags, code], { encoding: "utf8" });
    assert.equal(done.status, 0, `${name}: ${done.stderr}`);
  }
});
