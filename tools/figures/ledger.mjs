// A ledger of a million calls as a year of work leaves it: calls by day and night, a few providers, many sessions, some
// that failed. Not here: any measuring (main.mjs).
const BATCH = 10_000;
const DAY_MS = 86_400_000;
const MODELS = [
  ["openai", "gpt-5-mini"],
  ["openai", "gpt-5"],
  ["openai", "gpt-4.1-nano"],
  ["anthropic", "claude-sonnet-4-5"],
  ["anthropic", "claude-haiku-4-5"],
  ["gemini", "gemini-2.5-flash"],
  ["gemini", "gemini-2.5-pro"],
  ["groq", "llama-3.3-70b-versatile"],
  ["mistral", "mistral-small-latest"],
  ["deepseek", "deepseek-chat"],
];
const PROJECTS = ["eval", "chat", "nightly-eval", "support-bot", "notes", "search", null];

/** The same numbers at every run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A call `n` of `all`, the first one a year ago and the last one now. */
function call(n, all, now, random) {
  const [provider, model] = MODELS[Math.floor(random() ** 2 * MODELS.length)];
  const failed = random() < 0.01;
  const input_tokens = Math.floor(200 + random() ** 3 * 20_000);
  return {
    call_id: `call-${n}`,
    at: new Date(now - ((all - 1 - n) / all) * 365 * DAY_MS).toISOString(),
    provider,
    model,
    project: PROJECTS[Math.floor(random() * PROJECTS.length)],
    session: random() < 0.7 ? `session-${Math.floor((n / all) * 5_000)}` : null,
    input_tokens,
    cache_read_tokens: random() < 0.4 ? Math.floor(input_tokens * random()) : 0,
    output_tokens: failed ? 0 : Math.floor(20 + random() ** 2 * 1_500),
    latency_ms: Math.floor(200 + random() ** 4 * 12_000),
    ok: !failed,
    error: failed ? "rate limited" : null,
  };
}

/** Fills a new ledger with `all` calls through the public API. */
export async function fillWithCalls(server, all) {
  const now = Date.now();
  const random = numbers(7);
  const headers = { "content-type": "application/x-ndjson" };
  for (let first = 0; first < all; first += BATCH) {
    const lines = Array.from({ length: Math.min(BATCH, all - first) }, (_, n) =>
      JSON.stringify(call(first + n, all, now, random)),
    );
    const answer = await fetch(`${server.url}/v1/record/batch`, { method: "POST", headers, body: lines.join("\n") });
    const told = await answer.text();
    if (!answer.ok || /"refused":\s*[1-9]/.test(told)) throw new Error(`the calls were not recorded: ${told.slice(0, 400)}`);
  }
}
