// A WebDriver client as small as the pages' tests need, alike for every browser. Not here: which browser, and how it is
// started (driver.mjs).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

const PATIENCE_MS = 10_000;
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
 * A session of the driver `program`: {call(method, path, body), stop()}, paths being within the session. `env` is what
 * the driver, and the browser that it starts, find in their environment.
 */
export async function startSession(program, capabilities, env = process.env) {
  const port = await freePort();
  const driver = spawn(program, [`--port=${port}`], { stdio: "ignore", env });
  const base = `http://127.0.0.1:${port}`;
  await until(program, () =>
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
  const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch: capabilities } });
  const session = `/session/${sessionId}`;
  return {
    call: (method, path, body) => call(method, session + path, body),
    async stop() {
      await call("DELETE", session).catch(() => {});
      driver.kill();
      await once(driver, "exit");
    },
  };
}

/** What a person does to a page, and what is read from it. */
export function hands(call) {
  const run = (script, ...args) => call("POST", "/execute/sync", { script, args });
  const act = (source) => call("POST", "/actions", { actions: [source] });
  return {
    run,
    open: (url) => call("POST", "/url", { url }),
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
      return act({ type: "pointer", id: "mouse", actions });
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
    /** Chooses from a list. */
    choose: (selector, value) =>
      run(
        `const list = document.querySelector(arguments[0]);
         list.value = arguments[1];
         list.dispatchEvent(new Event("change", { bubbles: true }));`,
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
      return act({ type: "key", id: "keyboard", actions });
    },
  };
}
