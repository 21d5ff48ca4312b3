// The only file that talks outward. In a browser: fetch and EventSource; in Spendlight's own window: its commands
// and its one event. Everything exported here behaves alike in both. Not here: what any answer means, and how it
// looks.
import { copyByHand } from "./copying.js";
import { ownerToken, watchAddress } from "./owner-token.js";
import { Problem, Unreachable } from "./problem.js";

export { keepToken } from "./owner-token.js";
export { Problem, Unreachable };

const tauri = globalThis.__TAURI__;
export const inWindow = Boolean(tauri?.core?.invoke);

const TIMEOUT_MS = 20_000;

/** Copying and checking a large ledger takes its time. */
const LONG_TIMEOUT_MS = 600_000;

/* ---- who asks ------------------------------------------------------------------------------------------------------ */

if (!inWindow && globalThis.location) watchAddress();

export const mayChange = () => inWindow || Boolean(ownerToken());

/** What is the owner's even to read. */
const OWNERS = ["/v1/keys", "/v1/provider-keys", "/v1/data", "/v1/data/export", "/v1/data/retention"];

/* ---- requests ------------------------------------------------------------------------------------------------------ */

async function exchange(method, path, body, timeout_ms) {
  if (inWindow) return tauri.core.invoke("request", { method, path, body });
  const headers = { accept: "application/json" };
  if (body !== null) headers["content-type"] = "application/json";
  const token = ownerToken();
  if (token && (method !== "GET" || OWNERS.includes(path.split("?")[0]))) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(path, {
    method,
    headers,
    body,
    cache: "no-store",
    signal: AbortSignal.timeout?.(timeout_ms),
  });
  return { status: answer.status, body: await answer.text() };
}

async function send(method, path, value, timeout_ms = TIMEOUT_MS) {
  let answer;
  try {
    answer = await exchange(method, path, value === undefined ? null : JSON.stringify(value), timeout_ms);
  } catch {
    throw new Unreachable();
  }
  if (answer.status >= 400) {
    let problem = null;
    try {
      problem = JSON.parse(answer.body);
    } catch {
      /* not ours: the status says enough */
    }
    throw new Problem(answer.status, problem);
  }
  return answer.body;
}

async function json(method, path, value, timeout_ms) {
  const body = await send(method, path, value, timeout_ms);
  return body ? JSON.parse(body) : null;
}

function query(path, values = {}) {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

const id = encodeURIComponent;

export const status = () => json("GET", "/v1/status");
export const tryPort = () => send("POST", "/v1/listen", {});
export const pause = () => json("POST", "/v1/pause", {});
export const resume = () => json("POST", "/v1/resume", {});
export const show = (fragment) => json("POST", "/v1/show", { fragment });
export const summary = () => json("GET", "/v1/summary");
export const usage = (values) => json("GET", query("/v1/usage", values));
export const breakdown = (values) => json("GET", query("/v1/breakdown", values));
export const chart = (values) => json("GET", query("/v1/chart.json", values));
export const chartSvg = (values) => send("GET", query("/v1/chart.svg", values));
export const entries = (values) => json("GET", query("/v1/entries", values));
export const cost = (call) => json("GET", `/v1/entries/${id(call)}/cost`);
export const days = (values) => json("GET", query("/v1/days", values));
export const alerts = (values) => json("GET", query("/v1/alerts", values));
export const acknowledge = (alert) => json("POST", `/v1/alerts/${id(alert)}/acknowledge`, {});
export const snooze = (alert, until) => json("POST", `/v1/alerts/${id(alert)}/snooze`, { until });
export const dismiss = (alert) => json("POST", `/v1/alerts/${id(alert)}/dismiss`, {});
export const answerQuestion = (question, answer) => json("POST", `/v1/questions/${id(question)}/answer`, answer);
export const budgets = () => json("GET", "/v1/budgets");
export const addBudget = (budget) => json("POST", "/v1/budgets", budget);
export const putBudget = (budget) => json("PUT", `/v1/budgets/${id(budget.id)}`, budget);
export const removeBudget = (budget) => send("DELETE", `/v1/budgets/${id(budget)}`);
export const backtest = (values) => json("GET", query("/v1/backtest", values));
export const settings = () => json("GET", "/v1/settings");
export const putSettings = (values) => json("PUT", "/v1/settings", values);
export const data = () => json("GET", "/v1/data");
export const retention = (keep) => json("GET", query("/v1/data/retention", { keep_calls: keep }));
export const backUp = () => json("POST", "/v1/data/backup", {}, LONG_TIMEOUT_MS);
export const checkBackup = (file) => json("POST", "/v1/data/restore/check", { file }, LONG_TIMEOUT_MS);
export const restoreBackup = (file) => json("POST", "/v1/data/restore", { file }, LONG_TIMEOUT_MS);
export const keepLedger = () => send("DELETE", "/v1/data/restore");
export const beginExport = (values) => json("POST", query("/v1/data/export", values), {});
export const exportProgress = () => json("GET", "/v1/data/export");
export const cancelExport = () => send("DELETE", "/v1/data/export");
/** Where the browser itself can save an export from. */
export const exportAddress = (values) => query("/v1/export", values);
export const testNotification = () => json("POST", "/v1/notifications/test", {});
export const keys = () => json("GET", "/v1/keys");
export const issueKey = (key) => json("POST", "/v1/keys", key);
export const revokeKey = (key) => send("DELETE", `/v1/keys/${id(key)}`);
export const providerKeys = () => json("GET", "/v1/provider-keys");
export const putProviderKey = (provider, key) => json("PUT", `/v1/provider-keys/${id(provider)}`, key);
export const removeProviderKey = (provider) => send("DELETE", `/v1/provider-keys/${id(provider)}`);
export const prices = () => json("GET", "/v1/prices");
export const previewPrices = () => json("POST", "/v1/prices/preview", {});
export const takePrices = (preview) => json("POST", query("/v1/prices/refresh", { preview }), {});
export const putOverride = (price) => json("PUT", "/v1/prices/overrides", price);
export const removeOverride = (provider, model) => send("DELETE", query("/v1/prices/overrides", { provider, model }));
export const priceOf = (provider, model) => json("GET", query("/v1/prices/model", { provider, model }));

/* ---- events -------------------------------------------------------------------------------------------------------- */

const EVENTS = ["status", "entry", "alert", "settings"];
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];

/**
 * Calls `event(name, data)` for every change and `link("open" | "down", retry_at_ms)` when the line opens or breaks.
 */
export function listen({ event, link }) {
  if (inWindow) {
    tauri.event.listen("change", (message) => event(message.payload.event, message.payload.data));
    const first = () =>
      status().then(
        (now) => {
          link("open");
          event("status", now);
        },
        () => {
          link("down", Date.now() + 2000);
          setTimeout(first, 2000);
        },
      );
    first();
    return { retry: first };
  }
  let source = null,
    timer = null,
    failures = 0;
  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource("/v1/events");
    source.onopen = () => {
      failures = 0;
      link("open");
    };
    for (const name of EVENTS) source.addEventListener(name, (message) => event(name, JSON.parse(message.data)));
    source.onerror = () => {
      source.close();
      const wait_ms = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      failures += 1;
      timer = setTimeout(open, wait_ms);
      link("down", Date.now() + wait_ms);
    };
  }
  open();
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (shown) => {
    if (shown.persisted) open();
  });
  return { retry: open };
}

/* ---- the machine around the page ----------------------------------------------------------------------------------- */

/** The tray opens views by their fragment. */
export function onNavigate(go) {
  if (inWindow) tauri.event.listen("navigate", (message) => go(message.payload));
}

/** The path of a file that its user chooses, null where none is. Only in the window: a browser tells nobody its paths. */
export const chooseFile = (title, folder) => tauri.core.invoke("choose_file", { title, folder });

export const closeWindow = () => inWindow && tauri.core.invoke("close_window");

export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    copyByHand(words);
  }
}
