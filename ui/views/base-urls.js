// Where a client finds each provider through the proxy, and what it is told to go there. Tests hold it to the server:
// what follows a provider's name, and which variables `spendlight run` sets. Not here: how a call looks (proxied.js).

/** What a client's base URL has behind the provider's name: the path of the provider's own base URL. */
const ENDINGS = {
  openai: "/v1",
  gemini: "",
  anthropic: "",
  groq: "/openai/v1",
  mistral: "/v1",
  openrouter: "/api/v1",
  cerebras: "/v1",
  deepseek: "",
  xai: "/v1",
  together: "/v1",
  fireworks: "/inference/v1",
};
export const PROXIED = Object.keys(ENDINGS);

/** A name as a segment of a path, in letters that no shell takes for its own. */
const segment = (name) =>
  encodeURIComponent(name).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Where `provider` is for the calls of `project`, without what follows its name. */
export const place = (address, provider, project = "") =>
  `http://${address}${project && `/p/${segment(project)}`}/${provider}`;

/** The base URL of a client of `provider`, which takes the place of the provider's own. */
export const baseUrl = (address, provider, project) => place(address, provider, project) + ENDINGS[provider];

// [name, what follows the provider's name in it, who reads it]. Some SDKs put the whole path behind theirs.
const VARIABLES = {
  openai: [["OPENAI_BASE_URL", "/v1", "OpenAI's SDKs, LangChain and LiteLLM"]],
  gemini: [["GOOGLE_GEMINI_BASE_URL", "", "Google's SDKs"]],
  anthropic: [["ANTHROPIC_BASE_URL", "", "Anthropic's SDKs"]],
  groq: [
    ["GROQ_BASE_URL", "", "Groq's SDKs"],
    ["GROQ_API_BASE", "/openai/v1", "LiteLLM"],
  ],
  mistral: [
    ["MISTRAL_BASE_URL", "/v1", "LangChain"],
    ["MISTRAL_API_BASE", "/v1", "LiteLLM"],
  ],
  openrouter: [["OPENROUTER_API_BASE", "/api/v1", "LiteLLM"]],
  cerebras: [
    ["CEREBRAS_BASE_URL", "", "Cerebras' SDKs"],
    ["CEREBRAS_API_BASE", "/v1", "LiteLLM"],
  ],
  deepseek: [["DEEPSEEK_API_BASE", "/v1", "LiteLLM"]],
  xai: [["XAI_API_BASE", "/v1", "LiteLLM"]],
  together: [
    ["TOGETHER_BASE_URL", "", "Together's SDKs"],
    ["TOGETHER_AI_API_BASE", "/v1", "LiteLLM"],
  ],
  fireworks: [["FIREWORKS_API_BASE", "/inference/v1", "LiteLLM"]],
};

/** [{name, value, reader}…]: what a client of `provider` is told its base URL by, without a change to its code. */
export const variables = (address, provider, project) =>
  VARIABLES[provider].map(([name, path, reader]) => ({
    name,
    value: place(address, provider, project) + path,
    reader,
  }));
