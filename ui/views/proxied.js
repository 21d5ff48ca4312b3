// A call through the proxy in the languages people have, for any provider: what the provider's own documentation shows,
// with another base URL. A test runs each. Not here: the way without a proxy (snippets.js).
import { connection as words, provider as called } from "../words.js";
import { baseUrl, variables } from "./base-urls.js";

const CLAUDE = "claude-sonnet-4-6";
const FLASH = "gemini-2.5-flash";
/** A model for those that speak as OpenAI does. */
const MODELS = {
  openai: "gpt-5-mini",
  groq: "llama-3.3-70b-versatile",
  mistral: "mistral-small-latest",
  openrouter: "openai/gpt-5-mini",
  cerebras: "gpt-oss-120b",
  deepseek: "deepseek-chat",
  xai: "grok-4",
  together: "openai/gpt-oss-120b",
  fireworks: "accounts/fireworks/models/gpt-oss-120b",
};

const keyOf = (provider) => `${provider.toUpperCase()}_API_KEY`;
/** Who made the SDK that speaks to it. */
const speaks = (provider) => (provider in MODELS ? "openai" : provider);

const CURL = {
  openai: (url, provider) => `curl ${url}/chat/completions \\
  -H "authorization: Bearer $${keyOf(provider)}" \\
  -H "content-type: application/json" \\
  -d '{"model":"${MODELS[provider]}",
       "messages":[{"role":"user","content":"Hi"}]}'`,
  anthropic: (url) => `curl ${url}/v1/messages \\
  -H "x-api-key: $ANTHROPIC_API_KEY" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "content-type: application/json" \\
  -d '{"model":"${CLAUDE}","max_tokens":100,
       "messages":[{"role":"user","content":"Hi"}]}'`,
  gemini: (url) => `curl ${url}/v1beta/models/${FLASH}:generateContent \\
  -H "x-goog-api-key: $GEMINI_API_KEY" \\
  -H "content-type: application/json" \\
  -d '{"contents":[{"parts":[{"text":"Hi"}]}]}'`,
};

// In what follows `more` are lines that belong to the client's making, each with its end.
const PYTHON = {
  openai(url, provider, more) {
    const own = provider === "openai";
    return `${own ? "" : "import os\n"}from openai import OpenAI

client = OpenAI(
    base_url="${url}",
${own ? "" : `    api_key=os.environ["${keyOf(provider)}"],\n`}${more("default_headers=", "    ")})
answer = client.chat.completions.create(
    model="${MODELS[provider]}",
    messages=[{"role": "user", "content": "Hi"}])
print(answer.choices[0].message.content)`;
  },
  anthropic: (url, _, more) => `from anthropic import Anthropic

client = Anthropic(
    base_url="${url}",
${more("default_headers=", "    ")})
answer = client.messages.create(
    model="${CLAUDE}", max_tokens=100,
    messages=[{"role": "user", "content": "Hi"}])
print(answer.content[0].text)`,
  gemini: (url, _, more) => `from google import genai

client = genai.Client(http_options={
    "base_url": "${url}",
${more('"headers": ', "    ")}})
answer = client.models.generate_content(
    model="${FLASH}", contents="Hi")
print(answer.text)`,
};

const NODE = {
  openai: (url, provider) => `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${url}",
${provider === "openai" ? "" : `  apiKey: process.env.${keyOf(provider)},\n`}});
const answer = await client.chat.completions.create({
  model: "${MODELS[provider]}",
  messages: [{ role: "user", content: "Hi" }],
});
console.log(answer.choices[0].message.content);`,
  anthropic: (url) => `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({
  baseURL: "${url}",
});
const answer = await client.messages.create({
  model: "${CLAUDE}",
  max_tokens: 100,
  messages: [{ role: "user", content: "Hi" }],
});
console.log(answer.content[0].text);`,
  gemini: (url) => `import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({
  apiKey: process.env.GEMINI_API_KEY,
  httpOptions: { baseUrl: "${url}" },
});
const answer = await client.models.generateContent({
  model: "${FLASH}",
  contents: "Hi",
});
console.log(answer.text);`,
};

const plainly = () => "";
const attributed = (name, indent) => `${indent}${name}{
${indent}    "x-spendlight-session": "run-7",
${indent}    "x-spendlight-operation": "summarise",
${indent}    "x-spendlight-tags": "team=search,night=yes",
${indent}}`;

function environment(address, provider, project) {
  const all = variables(address, provider, project);
  return all.map(({ name, value, reader }) => `# read by ${reader}\nexport ${name}=${value}`).join("\n");
}

/** As a shell takes it for one word. */
const word = (text) => (/^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** [[name, code, remark]…] for calls to `provider` of `project` through the server at `address`. */
export function proxied(address, { provider, project }) {
  const url = baseUrl(address, provider, project);
  const maker = speaks(provider);
  const whose = called(provider);
  const untouched = words.untouched(whose);
  return [
    [words.snippets.environment, environment(address, provider, project), words.ofEnvironment],
    ["curl", CURL[maker](url, provider), untouched],
    ["Python", PYTHON[maker](url, provider, plainly), untouched],
    ["Node", NODE[maker](url, provider), untouched],
    [words.snippets.headers, PYTHON[maker](url, provider, attributed), words.perCall[maker]],
    [
      words.snippets.run,
      `spendlight run --max 0.50${project ? ` --project ${word(project)}` : ""} -- python script.py`,
      words.ofRun,
    ],
  ];
}

/** The one line that the first run begins with. */
export const firstLines = (address) =>
  ["openai", "gemini", "anthropic"].map((provider) => {
    const [{ name, value }] = variables(address, provider);
    const whose = called(provider);
    return [whose, `export ${name}=${value}`, words.firstLine(whose)];
  });
