// A ledger as someone might have it: two months of several providers, models and projects, the last call just now.
// The same on each run but for the day and hour it is run at. Everything is sent through the public API.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

// Dollars per million tokens, only to know about how many calls make a day's sum: the ledger prices them itself.
const PROVIDERS = [
  {
    provider: "openai",
    perMonth: 6.93,
    today: 0.64,
    models: [
      ["gpt-5-mini", 0.25, 2],
      ["gpt-5", 1.25, 10],
      ["gpt-4o-mini", 0.15, 0.6],
    ],
  },
  {
    provider: "gemini",
    perMonth: 7.05,
    today: 0.31,
    models: [
      ["gemini-2.5-flash", 0.3, 2.5],
      ["gemini-2.5-pro", 1.25, 10],
    ],
  },
  { provider: "anthropic", perMonth: 7.85, today: 0.42, models: [["claude-sonnet-4-5", 3, 15]] },
  { provider: "groq", perMonth: 0.35, today: 0.03, models: [["llama-3.3-70b-versatile", 0.59, 0.79]] },
];
const PROJECTS = ["nightly-eval", "support-bot", "notebook", "docs-search"];
const ERRORS = ["429 Too Many Requests", "503 overloaded", "timeout after 60 s"];

/** A small generator of numbers from 0 to 1 that begins anew with each run (mulberry32). */
function chance(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

let random = chance(7575);
const pick = (list) => list[Math.floor(random() * list.length)];
const between = (low, high) => Math.round(low + random() * (high - low));

function call({ provider, models }, at) {
  const [model, input, output] = pick(models);
  const input_tokens = between(400, 9_000);
  const output_tokens = between(80, 1_600);
  const failed = random() < 0.03;
  const record = {
    provider,
    model,
    input_tokens: failed ? 0 : input_tokens,
    output_tokens: failed ? 0 : output_tokens,
    cache_read_tokens: failed || random() < 0.6 ? 0 : Math.floor(input_tokens / 2),
    at: at.toISOString(),
    latency_ms: between(350, 7_500),
    ok: !failed,
    project: pick(PROJECTS),
    session: `run-${at.getDate()}-${between(1, 3)}`,
    operation: pick(["chat", "summarise", "extract"]),
    ...(failed ? { error: pick(ERRORS) } : {}),
  };
  return { record, about: (record.input_tokens * input + record.output_tokens * output) / 1e6 };
}

/** Calls of one day that come to about `sum` dollars, most of them in working hours. */
function day(who, start, sum) {
  const records = [];
  while (sum > 0) {
    const hour = 8 + 10 * ((random() + random()) / 2) + (random() < 0.15 ? 5 : 0);
    const { record, about } = call(who, new Date(start.getTime() + hour * HOUR_MS));
    records.push(record);
    sum -= about;
  }
  return records;
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/** The days of last month and this one before today, each with its share of its month. */
function pastDays(now) {
  const first = new Date(now.getFullYear(), now.getMonth() - 1, 1);
  const days = [];
  for (let at = first; at < midnight(now); at = midnight(new Date(at.getTime() + 1.5 * DAY_MS))) {
    const weekend = at.getDay() % 6 === 0;
    days.push({ start: at, thisMonth: at.getMonth() === now.getMonth(), weight: (weekend ? 0.3 : 1) * (0.6 + random()) });
  }
  return days;
}

async function send(server, records) {
  const answer = await fetch(`${server.url}/v1/record/batch`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: records.map((record) => JSON.stringify(record)).join("\n"),
  });
  const text = await answer.text();
  if (!answer.ok || JSON.parse(text).refused) throw new Error(`the batch was refused: ${text}`);
}

/** Today's calls until `now`, in the order they were made: the same ones on any day. */
function today(now) {
  const begin = Math.max(
    midnight(now).getTime(),
    Math.min(midnight(now).getTime() + 7.5 * HOUR_MS, now.getTime() - HOUR_MS / 2),
  );
  const records = [];
  for (const who of PROVIDERS) {
    for (let left = who.today; left > 0; ) {
      const { record, about } = call(who, new Date(begin + random() * (now.getTime() - begin)));
      records.push(record);
      left -= about;
    }
  }
  return records.sort((a, b) => a.at.localeCompare(b.at));
}

/** Calls through the proxy: one that goes, one whose stored answer is fetched again, and two that are denied. */
async function passThrough(server) {
  const through = (path, body) =>
    fetch(`${server.url}/p/support-bot/openai/v1/${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: "Bearer example", "content-type": "application/json" },
      body: body && JSON.stringify(body),
    }).then((answer) => answer.text());
  const question = { model: "gpt-5-mini", messages: [{ role: "user", content: "Hi" }] };
  await through("chat/completions", question);
  await through("responses/resp_1");
  const budget = await server.ask("GET", "/v1/budgets/openai-day");
  await server.owner("PUT", "/v1/budgets/openai-day", { ...budget, limit: 0.01 });
  await through("chat/completions", question);
  await through("chat/completions", { ...question, model: "gpt-5" });
  await server.owner("PUT", "/v1/budgets/openai-day", budget);
}

/** Fills the ledger of `server`, whose OpenAI is a stand-in. */
export async function fill(server) {
  // The same calls for each ledger that is filled.
  random = chance(7575);
  const now = new Date();
  const anthropic = { scope: { provider: "anthropic" }, window: "month", limit: 20, action: "warn" };
  await server.owner("POST", "/v1/budgets", anthropic);
  const latest = today(now);
  const days = pastDays(now);
  const records = [];
  for (const who of PROVIDERS) {
    for (const month of [true, false]) {
      const own = days.filter((one) => one.thisMonth === month);
      const weights = own.reduce((sum, one) => sum + one.weight, 0);
      const sum = month ? who.perMonth - who.today : who.perMonth * 1.15;
      for (const { start, weight } of own) records.push(...day(who, start, (sum * weight) / weights));
    }
  }
  await send(server, records);
  await server.owner("POST", "/v1/keys", { name: "Nightly eval", project: "nightly-eval", models: ["gpt-5*"] });
  for (const record of latest) await server.ask("POST", "/v1/record", record);
  await passThrough(server);

  const held = { provider: "openai", model: "gpt-5-mini", input_tokens: 9_000, max_output_tokens: 4_000 };
  await server.ask("POST", "/v1/check", { ...held, project: "nightly-eval", reserve: true });
  const { alerts } = await server.ask("GET", "/v1/alerts");
  if (alerts.length > 0) await server.owner("POST", `/v1/alerts/${alerts.at(-1).id}/acknowledge`);
}
