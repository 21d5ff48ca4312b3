// A stand-in for every provider, as small as the pages' tests need: it answers each dialect's usual call and remembers
// who was asked where. Not here: streams, faults and what SDKs need (tests/sdks/provider.py).
import { once } from "node:events";
import { createServer } from "node:http";

const USED = { prompt_tokens: 8, completion_tokens: 3, total_tokens: 11 };

function answer(path, model) {
  if (path.includes("/responses/"))
    return {
      id: "resp_1",
      object: "response",
      status: "completed",
      model: "gpt-5-mini",
      output: [],
      usage: { input_tokens: 8, output_tokens: 3, total_tokens: 11 },
    };
  if (path.endsWith("/messages"))
    return {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model,
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 8, output_tokens: 3 },
    };
  if (path.includes(":generateContent"))
    return {
      candidates: [{ content: { parts: [{ text: "Hi" }] } }],
      usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 3, totalTokenCount: 11 },
      modelVersion: "gemini-2.5-flash",
    };
  return {
    id: "c_1",
    object: "chat.completion",
    model,
    choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
    usage: USED,
  };
}

/** {url, asked: ["POST /v1/chat/completions"…], keys: [what came as a key…], config(names) → TOML, stop()}. */
export async function startProvider() {
  const asked = [];
  const keys = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const path = new URL(request.url, "http://provider").pathname;
    asked.push(`${request.method} ${path}`);
    keys.push(request.headers.authorization ?? request.headers["x-api-key"] ?? request.headers["x-goog-api-key"]);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer(path, body ? JSON.parse(body).model : null)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    asked,
    keys,
    config: (names) => names.map((name) => `[providers.${name}]\nupstream = "${url}"\n`).join(""),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
