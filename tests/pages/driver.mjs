// A WebDriver client as small as the page tests need, and a Spendlight of their own to point it at.
// Needs chromedriver and chromium; everything stays on this machine. Not here: any expectation (pages.test.mjs).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE_MS = 10_000;
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];
const KEYS = {
  PageDown: "\uE00F",
  End: "\uE010",
  Home: "\uE011",
  Control: "\uE009",
  Shift: "\uE008",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
  Escape: "\uE00C",
  Enter: "\uE007",
  Tab: "\uE004",
};

export const has = (program) => spawnSync("which", [program]).status === 0;

/** Asks again until the answer is truthy; fails with what was waited for. */
export async function until(what, ask) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * A server with a new ledger, or that in `dir`, and what config.toml says: {url, dir, token, record(call),
 * owner(method, path, body), stop()}.
 */
export async function startSpendlight(
  program,
  { config = "", dir = mkdtempSync(join(tmpdir(), "spendlight-pages-")) } = {},
) {
  writeFileSync(join(dir, "config.toml"), config);
  // No test speaks to the desktop or the keychain of whoever runs it.
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent", SPENDLIGHT_LOG: "error" };
  const stdio = ["ignore", "pipe", "inherit"];
  const child = spawn(program, ["serve", "--port", "0", "--data-dir", dir, "--config", join(dir, "config.toml")], {
    env,
    stdio,
  });
  let printed = "";
  child.stdout.on("data", (bytes) => (printed += bytes));
  const [, url] = await until("the printed address", () => /listens on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(printed));
  const token = readFileSync(join(dir, "owner-token"), "utf8").trim();
  const ask = async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  return {
    url,
    dir,
    token,
    ask,
    owner: (method, path, body) => ask(method, path, body, { authorization: `Bearer ${token}` }),
    record: (call) =>
      ask("POST", "/v1/record", {
        provider: "openai",
        model: "gpt-5-mini",
        input_tokens: 1000,
        output_tokens: 100,
        ...call,
      }),
    /** Ends the server; its ledger stays where it is to be kept. */
    async stop({ keep = false } = {}) {
      child.kill();
      await once(child, "exit");
      if (!keep) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A browser with one window of `width` pixels. */
export async function startBrowser({ width = 960, height = 900 } = {}) {
  const port = await freePort();
  const profile = mkdtempSync(join(tmpdir(), "spendlight-browser-"));
  const driver = spawn("chromedriver", [`--port=${port}`], { stdio: "ignore" });
  const base = `http://127.0.0.1:${port}`;
  await until("chromedriver", () =>
    fetch(`${base}/status`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );

  async function call(method, path, body) {
    const answer = await fetch(base + path, {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
  const chrome = {
    args: [...FLAGS, `--user-data-dir=${profile}`],
    ...(has("chromium") ? { binary: "/usr/bin/chromium" } : {}),
  };
  const { sessionId } = await call("POST", "/session", {
    capabilities: {
      alwaysMatch: { browserName: "chrome", "goog:loggingPrefs": { browser: "ALL" }, "goog:chromeOptions": chrome },
    },
  });
  const session = `/session/${sessionId}`;
  const cdp = (cmd, params) => call("POST", `${session}/goog/cdp/execute`, { cmd, params });
  const run = (script, ...args) => call("POST", `${session}/execute/sync`, { script, args });
  const size = (w) =>
    cdp("Emulation.setDeviceMetricsOverride", { width: w, height, deviceScaleFactor: 1, mobile: false });
  await size(width);

  return {
    run,
    size,
    open: (url) => call("POST", `${session}/url`, { url }),
    text: (selector) => run("return document.querySelector(arguments[0])?.textContent ?? null", selector),
    /** What a person could click is clicked: the element must be there and be on top. */
    click: (selector) =>
      until(`something to click at ${selector}`, () =>
        run(
          `const all = [...document.querySelectorAll(arguments[0])].filter((one) => one.offsetParent);
           if (!all.length) return false;
           all[0].scrollIntoView({ block: "center" });
           all[0].click();
           return true;`,
          selector,
        ),
      ),
    /** Moves the pointer over an element, and presses there if it is to. */
    async point(selector, { press = false } = {}) {
      const [x, y] = await run(
        `const box = document.querySelector(arguments[0]).getBoundingClientRect();
         return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);`,
        selector,
      );
      const actions = [{ type: "pointerMove", x, y, duration: 0 }];
      if (press) actions.push({ type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 });
      return call("POST", `${session}/actions`, { actions: [{ type: "pointer", id: "mouse", actions }] });
    },
    /** Types into a field as a person does: what stood there is replaced. */
    fill: (selector, value) =>
      run(
        `const input = document.querySelector(arguments[0]);
         input.focus();
         input.value = arguments[1];
         input.dispatchEvent(new Event("input", { bubbles: true }));`,
        selector,
        value,
      ),
    press(key, ...held) {
      const code = (name) => KEYS[name] ?? name;
      const actions = [
        ...held.map((one) => ["keyDown", one]),
        ["keyDown", key],
        ["keyUp", key],
        ...held.map((one) => ["keyUp", one]),
      ].map(([type, name]) => ({ type, value: code(name) }));
      return call("POST", `${session}/actions`, { actions: [{ type: "key", id: "keyboard", actions }] });
    },
    /** What the page is told of its reader: {"prefers-reduced-motion": "reduce"}, or {} for nothing special. */
    media: (features) =>
      cdp("Emulation.setEmulatedMedia", {
        features: Object.entries(features).map(([name, value]) => ({ name, value })),
      }),
    /** The whole page as a PNG, at rest. */
    async picture() {
      await cdp("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
      await cdp("Emulation.setScrollbarsHidden", { hidden: true });
      const { data } = await cdp("Page.captureScreenshot", { captureBeyondViewport: true });
      return Buffer.from(data, "base64");
    },
    async complaints() {
      const lines = await call("POST", `${session}/se/log`, { type: "browser" });
      return lines.filter((line) => line.level === "SEVERE").map((line) => line.message);
    },
    async stop() {
      await call("DELETE", session).catch(() => {});
      driver.kill();
      await once(driver, "exit");
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
