// The two places where the pages are seen, and a Spendlight of their own to look at: Chromium before `spendlight serve`,
// and the window of the tray program. Everything stays on this machine. Not here: any expectation.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hands, startSession, until } from "./webdriver.mjs";

export { until };

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

export const has = (program) => spawnSync("which", [program]).status === 0;

/** The server whose pages are seen in a browser. */
export const program =
  process.env.SPENDLIGHT ?? fileURLToPath(new URL("../../target/debug/spendlight", import.meta.url));

/** Why no page can be seen in a browser here, or false. */
export const skip = !existsSync(program) ? `no server at ${program}` : !has("chromedriver") ? "no chromedriver" : false;

/** Opens a server's page as its owner, at a view. */
export async function enter(page, { url, token }, view = "#/dashboard") {
  await page.open(`${url}/#token=${token}`);
  await until("the token taken", async () => (await page.run("return location.hash")) === "#/dashboard");
  if (view !== "#/dashboard") await page.run("location.hash = arguments[0]", view);
}

/** How tests speak to the server at `url`, whose data is in `dir`: {url, dir, token, ask, owner, record}. */
function speaker(url, dir) {
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
  };
}

/**
 * A server with a new ledger, or that in `dir`, on a free port or `port`, and what config.toml says, where numbers are
 * written as in `locale`: {url, dir, token, pid, record(call), owner(method, path, body), stop()}.
 */
export async function startSpendlight(
  program,
  { config = "", dir = mkdtempSync(join(tmpdir(), "spendlight-pages-")), port = "0", locale = "C.UTF-8" } = {},
) {
  writeFileSync(join(dir, "config.toml"), config);
  // No test speaks to the desktop or the keychain of whoever runs it, or writes into their home.
  const desktop = { HOME: dir, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
  const env = { ...process.env, ...desktop, LC_ALL: locale, SPENDLIGHT_LOG: "error" };
  const stdio = ["ignore", "pipe", "inherit"];
  const child = spawn(program, ["serve", "--port", port, "--data-dir", dir, "--config", join(dir, "config.toml")], {
    env,
    stdio,
  });
  let printed = "";
  child.stdout.on("data", (bytes) => (printed += bytes));
  const [, url] = await until("the printed address", () => /listens on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(printed));
  return {
    ...speaker(url, dir),
    pid: child.pid,
    /** Ends the server; its ledger stays where it is to be kept. */
    async stop({ keep = false } = {}) {
      if (child.exitCode === null && child.kill()) await once(child, "exit");
      if (!keep) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A browser with one window of `width` pixels; without `scrollbars` the page has all of them. */
export async function startBrowser({ width = 960, height = 900, scrollbars = true } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "spendlight-browser-"));
  const chrome = {
    args: [...FLAGS, `--user-data-dir=${profile}`],
    ...(has("chromium") ? { binary: "/usr/bin/chromium" } : {}),
  };
  const session = await startSession("chromedriver", {
    browserName: "chrome",
    "goog:loggingPrefs": { browser: "ALL" },
    "goog:chromeOptions": chrome,
  });
  const cdp = (cmd, params) => session.call("POST", "/goog/cdp/execute", { cmd, params });
  const size = (w) =>
    cdp("Emulation.setDeviceMetricsOverride", { width: w, height, deviceScaleFactor: 1, mobile: false });
  await size(width);
  // From the start, or the first page is laid out beside one.
  if (!scrollbars) await cdp("Emulation.setScrollbarsHidden", { hidden: true });

  return {
    ...hands(session.call),
    size,
    /** Runs in every page from now on, before its own scripts. */
    early: (source) => cdp("Page.addScriptToEvaluateOnNewDocument", { source }),
    /** What the page is told of its reader: {"prefers-reduced-motion": "reduce"}, or {} for nothing special. */
    media: (features) =>
      cdp("Emulation.setEmulatedMedia", {
        features: Object.entries(features).map(([name, value]) => ({ name, value })),
      }),
    /** The whole page as a PNG. */
    async picture() {
      const { data } = await cdp("Page.captureScreenshot", { captureBeyondViewport: true });
      return Buffer.from(data, "base64");
    },
    async complaints() {
      const lines = await session.call("POST", "/se/log", { type: "browser" });
      return lines.filter((line) => line.level === "SEVERE").map((line) => line.message);
    },
    async stop() {
      await session.stop();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * The tray program with its own window, on the screen and bus that are there: {page, server}. The program ends with the
 * page's `stop()`.
 */
export async function startWindow(program, { config = "" } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "spendlight-window-"));
  writeFileSync(join(dir, "config.toml"), config);
  const args = ["--automation", "--port", "0", "--data-dir", dir, "--config", join(dir, "config.toml")];
  const options = { "webkitgtk:browserOptions": { binary: program, args } };
  const env = { ...process.env, HOME: dir, TAURI_WEBVIEW_AUTOMATION: "true", LC_ALL: "C.UTF-8", SPENDLIGHT_LOG: "error" };
  const session = await startSession("WebKitWebDriver", options, env);
  const address = join(dir, "address");
  await until("the address in its file", () => existsSync(address) && readFileSync(address, "utf8").trim());
  const [host] = /[\d.]+:\d+/.exec(readFileSync(address, "utf8"));
  return {
    server: speaker(`http://${host}`, dir),
    page: {
      ...hands(session.call),
      /** What the window shows, as a PNG. */
      picture: async () => Buffer.from(await session.call("GET", "/screenshot"), "base64"),
      async stop() {
        await session.stop();
        rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
      },
    },
  };
}
