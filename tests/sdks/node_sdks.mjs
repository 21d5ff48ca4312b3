// The official OpenAI SDK for Node, straight to the stand-in and through Spendlight: the same results, an entry each,
// and one error that sends nothing on where a budget denies. What is checked, and why, is as in python_sdks.py.
//
//   node_sdks.mjs --provider URL [--spendlight URL --token TOKEN]
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: args } = parseArgs({
  options: {
    provider: { type: "string" },
    spendlight: { type: "string" },
    token: { type: "string" },
    modules: { type: "string", default: fileURLToPath(new URL(".", import.meta.url)) },
  },
});
// The SDK is installed apart from the sources, in the build's own folder.
const OpenAI = createRequire(join(args.modules, "package.json"))("openai").OpenAI;

const PATIENCE_MS = 10_000;
const TEXT = "The light in the tray is amber, naïve and 明るい 🌤.";
const MODEL = "gpt-5-mini";
const SAY = [{ role: "user", content: "What colour is the light in the tray?" }];
const COLOUR = {
  type: "object",
  properties: { colour: { type: "string" }, percent: { type: "integer" } },
  required: ["colour", "percent"],
  additionalProperties: false,
};
const PAINT = { name: "paint", description: "Paints the light", parameters: COLOUR };
const SCHEMA = { type: "json_schema", json_schema: { name: "light", strict: true, schema: COLOUR } };

async function all(stream) {
  const parts = [];
  for await (const part of await stream) parts.push(part);
  return parts;
}

const cases = {
  async chat(client) {
    const answer = await client.chat.completions.create({ model: MODEL, messages: SAY });
    equal(answer.choices[0].message.content, TEXT);
    return answer;
  },
  async chat_streamed(client) {
    const chunks = await all(client.chat.completions.create({ model: MODEL, messages: SAY, stream: true }));
    equal(chunks.map((chunk) => chunk.choices[0].delta.content ?? "").join(""), TEXT);
    ok(!chunks.some((chunk) => chunk.usage), "usage that was not asked for does not arrive");
    return chunks;
  },
  async chat_streamed_with_usage(client) {
    const asked = { model: MODEL, messages: SAY, stream: true, stream_options: { include_usage: true } };
    const chunks = await all(client.chat.completions.create(asked));
    equal(chunks.at(-1).usage.completion_tokens, 25, "usage that was asked for arrives");
    return chunks;
  },
  async chat_structured(client) {
    const answer = await client.chat.completions.parse({ model: MODEL, messages: SAY, response_format: SCHEMA });
    deepStrictEqual(JSON.parse(answer.choices[0].message.content), { colour: "amber", percent: 7 });
    return answer;
  },
  async chat_with_tools(client) {
    const tools = [{ type: "function", function: PAINT }];
    const first = await client.chat.completions.create({ model: MODEL, messages: SAY, tools });
    const { message } = first.choices[0];
    deepStrictEqual(JSON.parse(message.tool_calls[0].function.arguments), { colour: "amber", percent: 7 });
    const told = { role: "tool", tool_call_id: message.tool_calls[0].id, content: "painted" };
    const messages = [...SAY, message, told];
    const second = await client.chat.completions.create({ model: MODEL, messages, tools });
    equal(second.choices[0].message.content, TEXT);
    return [first, second];
  },
  async chat_with_tools_streamed(client) {
    const tools = [{ type: "function", function: PAINT }];
    const stream = client.chat.completions.stream({ model: MODEL, messages: SAY, tools });
    const answer = await stream.finalChatCompletion();
    equal(answer.choices[0].message.tool_calls[0].function.name, "paint");
    return answer;
  },
  async responses(client) {
    const answer = await client.responses.create({ model: MODEL, input: "What colour is it?" });
    equal(answer.output_text, TEXT);
    return answer;
  },
  async responses_streamed(client) {
    const events = await all(client.responses.create({ model: MODEL, input: "What colour is it?", stream: true }));
    equal(events.at(-1).type, "response.completed");
    return events;
  },
  async responses_with_tools(client) {
    const tools = [{ type: "function", strict: true, ...PAINT }];
    const first = await client.responses.create({ model: MODEL, input: "Paint it.", tools });
    const call = first.output[0];
    const told = { type: "function_call_output", call_id: call.call_id, output: "painted" };
    const input = [{ role: "user", content: "Paint it." }, call, told];
    const second = await client.responses.create({ model: MODEL, input, tools });
    equal(second.output_text, TEXT);
    return [first, second];
  },
  async embeddings(client) {
    const input = ["a light", "in the tray"];
    const answer = await client.embeddings.create({ model: "text-embedding-3-small", input });
    equal(answer.data.length, 2);
    return answer;
  },
};

let passed = 0;
let failed = 0;
async function attempt(name, test) {
  try {
    await test();
    passed += 1;
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}: ${error.message}`.slice(0, 2000));
  }
}

async function ask(base, method, path, body) {
  const headers = { "content-type": "application/json", ...(base === args.spendlight && authorized(method)) };
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}
const authorized = (method) => (method === "GET" ? {} : { authorization: `Bearer ${args.token}` });
const seen = () => ask(args.provider, "GET", "/_seen");
const forget = () => ask(args.provider, "DELETE", "/_seen");

/** The entries of which none is in `known`, oldest first, as soon as there are `count`. */
async function newEntries(known, count) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const fresh = (await ask(args.spendlight, "GET", "/v1/entries?limit=100")).entries.filter(
      (entry) => !known.has(entry.call_id),
    );
    if (fresh.length >= count) return fresh.reverse();
    if (Date.now() > deadline) throw new Error(`waited in vain: ${count} new entries, there are ${fresh.length}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function knownEntries() {
  const { entries } = await ask(args.spendlight, "GET", "/v1/entries?limit=100");
  return new Set(entries.map((entry) => entry.call_id));
}

/** As text. A stream that reports usage says of every other chunk that it has none. */
const told = (value) => JSON.stringify(value, (key, part) => (key === "usage" && part === null ? undefined : part));

async function same(run, direct, through) {
  const expected = told(await run(direct));
  const known = await knownEntries();
  await forget();
  equal(told(await run(through)), expected, "through Spendlight the result is the same");
  const { used, spendlight_headers: ours } = await seen();
  deepStrictEqual(ours, [], "our own headers are not sent on");
  const entries = await newEntries(known, used.length);
  equal(entries.length, used.length, "an entry for each call");
  for (const [at, entry] of entries.entries()) {
    const want = { ...used[at], provider: "openai", source: "proxy", usage_source: "reported", ok: true, status: 200 };
    deepStrictEqual(Object.fromEntries(Object.keys(want).map((name) => [name, entry[name]])), want);
    ok(entry.cost_usd > 0, "it has a cost");
  }
}

async function attributed() {
  const known = await knownEntries();
  const client = new OpenAI({ apiKey: "test", baseURL: `${args.spendlight}/p/storefront/openai/v1` });
  const { response } = await client.chat.completions.create({ model: MODEL, messages: SAY }).withResponse();
  const id = response.headers.get("x-spendlight-call-id");
  const entries = await newEntries(known, 1);
  deepStrictEqual([entries[0].call_id, entries[0].project], [id, "storefront"]);
}

async function denied(run, through) {
  const known = await knownEntries();
  await forget();
  const error = await run(through).then(
    () => null,
    (raised) => raised,
  );
  ok(error instanceof OpenAI.APIError, `a denied call raises the SDK's own error: ${error}`);
  equal(error.status, 402);
  ok(error.message.includes("Nothing for openai"), `the message has the budget's sentence: ${error.message}`);
  equal((await seen()).total, 0, "nothing goes upstream");
  equal((await newEntries(known, 1)).length, 1, "one request, one entry");
}

const direct = new OpenAI({ apiKey: "test", baseURL: `${args.provider}/v1` });
if (args.spendlight) {
  const through = new OpenAI({ apiKey: "test", baseURL: `${args.spendlight}/openai/v1` });
  for (const [name, run] of Object.entries(cases)) await attempt(`node ${name}`, () => same(run, direct, through));
  await attempt("node attribution by URL", attributed);
  const budget = { name: "Nothing for openai", scope: { provider: "openai" }, window: "day", unit: "usd" };
  await ask(args.spendlight, "POST", "/v1/budgets", { id: "none-node", ...budget, limit: 1 });
  await ask(args.spendlight, "PUT", "/v1/budgets/none-node", { ...budget, limit: 0.000001 });
  for (const name of ["chat", "chat_streamed", "responses", "responses_streamed", "embeddings"]) {
    await attempt(`node denied: ${name}`, () => denied(cases[name], through));
  }
  await ask(args.spendlight, "DELETE", "/v1/budgets/none-node");
} else {
  for (const [name, run] of Object.entries(cases)) await attempt(`node ${name}, direct`, () => run(direct));
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
