// The pages' snippets with the SDKs they are written for: each is run as it is copied, from a provider's stand-in through
// Spendlight. Run by `tools/test sdks`; SDKS is the folder with `venv` and `node_modules`. Not here: curl and the
// commands, which need no SDK (tests/pages/proxy.test.mjs).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PROXIED } from "../../ui/views/base-urls.js";
import { proxied } from "../../ui/views/proxied.js";
import { startSpendlight, until } from "../pages/driver.mjs";

const { SPENDLIGHT: program = "", SDKS = "" } = process.env;
const skip = existsSync(program) && existsSync(join(SDKS, "venv")) ? false : "SPENDLIGHT and SDKS name no such things";
const python = join(resolve(SDKS), "venv/bin/python");
const standIn = fileURLToPath(new URL("provider.py", import.meta.url));
// Each dialect, with a key of the SDK's own choice and with one that the snippet hands over.
const PROVIDERS = ["openai", "anthropic", "gemini", "groq", "deepseek"];
let provider, server;

before(async () => {
  if (skip) return;
  let printed = "";
  provider = spawn(python, [standIn], { stdio: ["ignore", "pipe", "inherit"] });
  provider.stdout.on("data", (bytes) => (printed += bytes));
  const [url] = await until("the stand-in's address", () => /http:\/\/[\d.:]+(?=\n)/.exec(printed));
  const config = PROXIED.map((name) => `[providers.${name}]\nupstream = "${url}"\n`).join("");
  server = await startSpendlight(program, { config });
});
after(async () => {
  await server?.stop();
  provider?.kill();
});

const snippet = (name, id) => {
  const choice = { provider: id, project: "notes" };
  return proxied(server.url.slice("http://".length), choice).find(([known]) => known === name)[1];
};

/** Runs a snippet, and gives the entry of the call it made. */
async function entryOf(command, args) {
  const keys = Object.fromEntries(PROXIED.map((id) => [`${id.toUpperCase()}_API_KEY`, "key"]));
  const child = spawn(command, args, {
    cwd: SDKS,
    env: { ...process.env, ...keys },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const out of [child.stdout, child.stderr]) out.on("data", (bytes) => (said += bytes));
  const [status] = await once(child, "close");
  assert.equal(status, 0, said);
  assert.match(said, /\w/, "it prints the answer");
  const { entries } = await server.ask("GET", "/v1/entries?limit=1");
  return entries[0];
}

function isOf(entry, id) {
  const { provider: whose, project, source, ok, usage_source } = entry;
  assert.deepEqual(
    { whose, project, source, ok, usage_source },
    { whose: id, project: "notes", source: "proxy", ok: true, usage_source: "reported" },
  );
  assert.ok(entry.output_tokens > 0);
}

for (const id of PROVIDERS) {
  test(`${id}: the snippets for Python and Node work as they stand`, { skip }, async () => {
    isOf(await entryOf(python, ["-c", snippet("Python", id)]), id);
    isOf(await entryOf("node", ["--input-type=module", "-e", snippet("Node", id)]), id);
  });

  test(`${id}: the headers say whose a call is`, { skip }, async () => {
    const entry = await entryOf(python, ["-c", snippet("Headers", id)]);
    isOf(entry, id);
    assert.deepEqual([entry.session, entry.operation], ["run-7", "summarise"]);
    assert.deepEqual(entry.tags, { team: "search", night: "yes" });
  });
}

for (const id of ["openai", "anthropic", "gemini"]) {
  test(`${id}: the variable leads its SDK through the proxy`, { skip }, async () => {
    const unchanged = snippet("Python", id).replace(/^ +"?base_url.*\n/m, "");
    assert.doesNotMatch(unchanged, /127\.0\.0\.1/);
    isOf(await entryOf("bash", ["-c", `${snippet("Environment", id)}\nexec "$0" -c "$1"`, python, unchanged]), id);
  });
}
