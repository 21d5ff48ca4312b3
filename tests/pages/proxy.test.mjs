// What the pages say of the proxy is so: every base URL leads where it should, every snippet works as it is copied, and
// calls that were denied or fetched again look like that. The SDKs' snippets run in tests/sdks/snippets.test.mjs.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { PROXIED, variables } from "../../ui/views/base-urls.js";
import { proxied } from "../../ui/views/proxied.js";
import { program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";
import { startProvider } from "./provider.mjs";

const CONNECTION = "section[aria-label=Connection]";
const USE = `${CONNECTION} .card:nth-child(5)`;
let provider, server, page;

before(async () => {
  if (skip) return;
  provider = await startProvider();
  server = await startSpendlight(program, { config: provider.config(PROXIED) });
  page = await startBrowser();
});
after(async () => {
  await page?.stop();
  await server?.stop();
  await provider?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));
const address = () => server.url.slice("http://".length);
const snippet = (name, choice) => proxied(address(), choice).find(([known]) => known === name)[1];
const newest = async () => (await server.ask("GET", "/v1/entries?limit=1")).entries[0];

/** Runs a command as a user would, with `more` in its environment; not waiting idly, since the provider is here. */
async function run(command, args, more = {}, cwd = server.dir) {
  const keys = Object.fromEntries(PROXIED.map((name) => [`${name.toUpperCase()}_API_KEY`, `key-of-${name}`]));
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...keys, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const out of [child.stdout, child.stderr]) out.on("data", (bytes) => (said += bytes));
  const [status] = await once(child, "close");
  return { status, said };
}

/** What is copied by what stands at `selector`. */
async function copied(selector) {
  await page.run("navigator.clipboard.writeText = async (words) => { window.copied = words; }; window.copied = null;");
  await page.click(selector);
  return until("something copied", () => page.run("return window.copied"));
}

pages("the first run points a script of any of the three at the proxy, and its line is copied whole", async () => {
  await page.open(`${server.url}/#token=${server.token}`);
  await shows(".first .code", /^export OPENAI_BASE_URL=/);
  for (const [n, line] of [
    [1, `export OPENAI_BASE_URL=${server.url}/openai/v1`],
    [2, `export GOOGLE_GEMINI_BASE_URL=${server.url}/gemini`],
    [3, `export ANTHROPIC_BASE_URL=${server.url}/anthropic`],
  ]) {
    await page.click(`.first .seg > :nth-child(${n})`);
    assert.equal(await page.text(".first .code"), line);
    assert.equal(await copied(".first .codebox .copy"), line);
  }
});

pages("the first run leads to the way without a proxy", async () => {
  await page.click(".first a[href='#/settings/connection?at=ask']");
  await until("its heading in view, below the bar", () =>
    page.run(
      `const heading = [...document.querySelectorAll("section[aria-label=Connection] h2")].find(
         (one) => one.textContent === "Ask first, tell after",
       );
       const box = heading?.getBoundingClientRect();
       return Boolean(box) && box.top > 44 && box.bottom < innerHeight;`,
    ),
  );
  await page.run("location.hash = '#/dashboard'");
});

pages("a first call that was denied is a first call", async () => {
  await server.owner("POST", "/v1/pause");
  await run("bash", ["-c", snippet("curl", { provider: "mistral", project: "" })]);
  await until("the end of the first run", () => page.run("return document.querySelector('.first').hidden"));
  await server.owner("POST", "/v1/resume");
  await page.open("about:blank");
  await page.open(`${server.url}/#/dashboard`);
  await shows(".feed li .mark.bad:not([hidden])", /^denied$/);
  assert.equal(await page.run("return document.querySelector('.first').hidden"), true, "after a reload too");
});

pages("each provider's base URL is copied, and a client's path behind it is the provider's own", async () => {
  const PATHS = {
    anthropic: "/v1/messages",
    gemini: "/v1beta/models/gemini-2.5-flash:generateContent",
    groq: "/openai/v1/chat/completions",
    openrouter: "/api/v1/chat/completions",
    fireworks: "/inference/v1/chat/completions",
    deepseek: "/chat/completions",
  };
  await page.run("location.hash = '#/settings/connection'");
  await shows(`${CONNECTION} .base-urls`, /Fireworks/);
  for (const [n, name] of PROXIED.entries()) {
    const url = await copied(`.base-urls tr:nth-child(${n + 1}) button`);
    assert.equal(await page.text(`.base-urls tr:nth-child(${n + 1}) td`), url);
    const code = snippet("curl", { provider: name, project: "" });
    assert.ok(code.startsWith(`curl ${url}/`), `${code} begins with ${url}`);
    const { status, said } = await run("bash", ["-c", code]);
    assert.equal(status, 0, said);
    assert.match(said, /Hi/, name);
    assert.equal(provider.asked.at(-1), `POST ${PATHS[name] ?? "/v1/chat/completions"}`, name);
    assert.match(provider.keys.at(-1), new RegExp(`key-of-${name}$`), `${name} got its own key`);
    const entry = await until(`${name}'s entry`, async () => {
      const last = await newest();
      return last.provider === name && last;
    });
    assert.deepEqual([entry.source, entry.ok, entry.priced], ["proxy", true, "catalog"], `${name}, ${entry.model}`);
  }
});

pages("a project that is named stands in every URL and snippet, and has the calls", async () => {
  const code = () => page.text(`${USE} .code`);
  await page.fill(`${CONNECTION} header input`, "nightly eval's");
  const url = `${server.url}/p/nightly%20eval%27s/groq/openai/v1`;
  await shows(".base-urls tr:nth-child(4) td", new RegExp(`^${url.replace(/[.]/g, "\\.")}$`));
  await page.run(
    `const list = document.querySelector(arguments[0]);
     list.value = "groq";
     list.dispatchEvent(new Event("change", { bubbles: true }));`,
    `${USE} select`,
  );
  await page.click(`${USE} .seg > :nth-child(2)`);
  const shown = await code();
  assert.equal(shown, snippet("curl", { provider: "groq", project: "nightly eval's" }));
  assert.equal(await copied(`${USE} .copy`), shown);
  await run("bash", ["-c", shown]);
  await until("the project's call", async () => (await newest()).project === "nightly eval's");
  await page.fill(`${CONNECTION} header input`, "");
});

test("the variables are those that spendlight run sets", () => {
  const told = readFileSync(new URL("../../src-tauri/src/cli/run/environment.rs", import.meta.url), "utf8");
  const known = [...told.matchAll(/^ {4}reads\("(\w+)", "(\w+)", "([^"]*)"\),/gm)].map(([, ...one]) => one.join(" "));
  const ours = PROXIED.flatMap((name) =>
    variables("host", name, "").map((one) => `${one.name} ${name} ${one.value.slice(`http://host/${name}`.length)}`),
  );
  assert.deepEqual(ours.sort(), known.sort());
});

pages("a command runs under its cap as the snippet says", async () => {
  const bin = join(server.dir, "bin");
  mkdirSync(bin);
  symlinkSync(resolve(program), join(bin, "spendlight"));
  symlinkSync(
    (spawnSync("which", ["python3"], { encoding: "utf8" }).stdout || "/usr/bin/python3").trim(),
    join(bin, "python"),
  );
  writeFileSync(
    join(server.dir, "script.py"),
    `import json, os, urllib.request
body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hi"}]}
request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json.dumps(body).encode(),
                                 {"content-type": "application/json"})
print(json.load(urllib.request.urlopen(request))["choices"][0]["message"]["content"])
`,
  );
  const code = snippet("Run", { provider: "openai", project: "nightly eval's" });
  const more = { PATH: `${bin}:${process.env.PATH}`, SPENDLIGHT_DATA_DIR: server.dir };
  const { status, said } = await run("bash", ["-c", code], more);
  assert.equal(status, 0, said);
  assert.match(said, /calls +1\n[^]*of \$0\.50/);
  assert.equal((await newest()).project, "nightly eval's");
});

pages("streams are asked for their usage until the owner turns that off", async () => {
  const set = async () => (await server.ask("GET", "/v1/settings")).add_usage;
  const turn = `${CONNECTION} .switch[aria-label='Ask streams for their usage']`;
  const on = () => page.run("return document.querySelector(arguments[0])?.getAttribute('aria-checked')", turn);
  assert.deepEqual([await set(), await on()], [true, "true"]);
  await page.click(turn);
  await until("the setting off", async () => !(await set()));
  await page.open("about:blank");
  await page.open(`${server.url}/#/settings/connection`);
  await until("it shown as off", async () => (await on()) === "false");
  await page.click(turn);
  await until("the setting on", set);
});

pages("a denied call is marked in recent calls, without a cost, and leads to its like in the history", async () => {
  const day = await server.ask("GET", "/v1/budgets/openai-day");
  await server.owner("PUT", "/v1/budgets/openai-day", { ...day, limit: 0.000001 });
  const { today: before } = await server.ask("GET", "/v1/status");
  await page.run("location.hash = '#/dashboard'");
  await run("bash", ["-c", snippet("curl", { provider: "openai", project: "eval" })]);
  await shows(".feed li .who", /^gpt-5-mini eval$/);
  await shows(".feed li .cost", /^denied$/);
  assert.match(await page.run("return document.querySelector('.feed li').title"), /: Denied by OpenAI today$/);
  const { today } = await server.ask("GET", "/v1/status");
  assert.deepEqual(today, before, "it counts nowhere");

  await page.click(".feed li .mark.bad");
  await until("the history", async () => (await page.run("return location.hash")) === "#/history?outcome=denied");
  const outcomes = () =>
    page.run("return [...document.querySelectorAll('tr[data-call] td:last-child')].map((cell) => cell.textContent)");
  await until("only denied calls", async () => {
    const all = await outcomes();
    return all.length === 2 && all.every((one) => one === "Denied");
  });
  assert.equal(await page.run("return document.querySelector('[aria-label=Outcome]').value"), "denied");
  assert.equal(await page.text("tr[data-call] td:nth-child(7)"), "–");
  await shows("tr.day td", /· 2 not counted$/);
  await page.click("tr[data-call]");
  await shows(".side .big", /^Denied$/);
  await shows(".side .kv", /ResultDenied by OpenAI today.*Sourcepassed through Spendlight/);
  assert.equal(await page.run("return document.querySelector('.side table')"), null, "it used no tokens");
  await page.press("Escape");
  await server.owner("PUT", "/v1/budgets/openai-day", day);
});

pages("the history's outcomes are apart: went well, failed, denied", async () => {
  await server.record({ call_id: "broken", ok: false, error: "denied: the provider says so", cost_usd: 0 });
  for (const [outcome, pattern] of [
    ["failed", /^Failed$/],
    ["ok", /^(ok|Price unknown|Estimated)$/],
  ]) {
    await page.run(
      `const list = document.querySelector("[aria-label=Outcome]");
       list.value = arguments[0];
       list.dispatchEvent(new Event("change", { bubbles: true }));`,
      outcome,
    );
    await until(`nothing but ${outcome}`, () =>
      page.run(
        `const all = [...document.querySelectorAll("tr[data-call] td:last-child")].map((cell) => cell.textContent);
         return all.length > 0 && all.every((one) => new RegExp(arguments[0]).test(one));`,
        pattern.source,
      ),
    );
  }
});

pages("an answer that is fetched again is not counted, and says so", async () => {
  const url = `${server.url}/openai/v1/responses/resp_1`;
  await fetch(url, { headers: { authorization: "Bearer key", "x-spendlight-call-id": "again" } }).then((one) =>
    one.text(),
  );
  await page.run("location.hash = '#/dashboard'");
  await shows(".feed li .cost", /^–$/);
  assert.match(await page.run("return document.querySelector('.feed li').title"), /: fetched again, not counted$/);
  await page.run("location.hash = '#/history'");
  await page.click("tr[data-call=again]");
  await shows("tr[data-call=again] td:last-child", /^Fetched again$/);
  await shows(".side .kv", /ResultFetched again, not counted/);
  await page.press("Escape");
});

pages("the keys' section tells what they do for proxied calls", async () => {
  await page.run("location.hash = '#/settings/keys'");
  await shows("section[aria-label=Keys]", /A check, a record or a proxied call without one is refused/);
  await shows("section[aria-label=Keys] > .card:last-child .blank", /goes with the key kept here/);
});

pages("no section that tells of the proxy is wider than a narrow window, and nothing went wrong", async () => {
  await page.size(480);
  await page.run("location.hash = '#/settings/connection'");
  assert.ok(await page.run("return document.documentElement.scrollWidth <= innerWidth"), "it fits 480 pixels");
  assert.deepEqual(await page.complaints(), []);
});
