// How a call's cost is explained: what each class of usage is called, where a price comes from, and what is to be known of
// it. Part of the words (words.js), from where it is used.
import { count, date, detail, price, unrounded } from "../format.js";

export const title = "Cost";
export const titleNow = "By the prices in use now";
export const total = "Total";
export const beforeRounding = "Before rounding";
export const rest = "Minimum charge and fees";
export const setPrice = "Set its price";

const CLASSES = {
  input_tokens: "Input",
  cache_read_tokens: "Cached input",
  cache_write_tokens: "Cache writes",
  cache_write_5m_tokens: "Cached for 5 min",
  cache_write_1h_tokens: "Cached for 1 hour",
  output_tokens: "Output",
  reasoning_tokens: "Reasoning",
  input_text_tokens: "Text input",
  input_audio_tokens: "Audio input",
  input_image_tokens: "Image input",
  input_video_tokens: "Video input",
  input_tool_tokens: "Tool input",
  cache_text_read_tokens: "Cached text",
  cache_audio_read_tokens: "Cached audio",
  cache_image_read_tokens: "Cached images",
  cache_video_read_tokens: "Cached video",
  output_text_tokens: "Text output",
  output_audio_tokens: "Audio output",
  output_image_tokens: "Image output",
  output_video_tokens: "Video output",
  output_citation_tokens: "Citations",
  audio_seconds: "Seconds of audio",
  input_audio_seconds: "Seconds heard",
  output_audio_seconds: "Seconds spoken",
  input_characters: "Characters",
  input_document_pages: "Pages",
  input_annotated_document_pages: "Annotated pages",
  input_text_messages: "Messages",
  input_pixels: "Pixels",
  web_searches: "Web searches",
  storage_searches: "File searches",
  social_searches: "Social searches",
  rerank_searches: "Rerankings",
  code_executions: "Code executions",
  requests: "The call itself",
};

/** A class of usage; one that has no name here is called by its key. */
export function usageClass(key) {
  const words = key.replaceAll("_", " ");
  return CLASSES[key] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

const PER = { 3600: "hour", 1_000_000: "M", 1_000_000_000: "B" };

/** "3,412 × $0.25/M" */
export const times = (line) => `${count(line.count)} × ${price(line.rate_usd)}/${PER[line.per] ?? count(line.per)}`;

export const amount = (usd) => unrounded(usd);

const SOURCES = {
  bundled: (by) => `The price list of ${date(by.list_at)} that came with Spendlight`,
  downloaded: (by) => `The price list of ${date(by.list_at)}`,
  override: (by) => `Your own price for ${by.model_matched}`,
};

/** Where the rates come from and what they are rates of, as sentences. */
export function about(by, model) {
  const processed = [by.tier && `the ${by.tier} tier`, by.batch && "a batch"].filter(Boolean).join(" in ");
  const named = by.source !== "override" && by.model_matched !== model ? `, ${by.model_matched}` : "";
  const since = by.since ? ` It has had this price since ${date(by.since)}.` : "";
  return [
    `${SOURCES[by.source](by)}${named}${processed ? `, for ${processed}` : ""}.${since}`,
    by.long_context_from && `Long context: from ${count(by.long_context_from)} tokens of input on, these rates apply.`,
  ].filter(Boolean);
}

/** What is to be known of the figure before its lines are read; none where they simply explain it. */
export function caution({ priced, cost_usd: cost, by_prices: by }) {
  if (!by) return "Nothing is known of this provider's prices: the cost is the one that was told.";
  if (priced === "caller")
    return by.agrees
      ? "Told by the caller, or by the provider itself; the prices in use come to the same."
      : `Told by the caller, or by the provider itself. The prices in use come to ${detail(by.cost_usd)}.`;
  if (!by.agrees)
    return `${detail(cost)} was written down and stays. The prices in use now come to ${detail(by.cost_usd)}, for the prices have changed since or the call was priced in parts.`;
  if (priced === "unknown") return `No price is known for what was asked: counted high, at the rates of ${by.model_matched}.`;
  return "";
}

/** Before the names of the budgets. */
export const countedIn = "Budgets of such calls: ";

/** What to do about a model without a price. */
export const unknownHint = "Calls from now on are counted at the price you set; this one keeps its cost.";

export const failed = "How the cost came about could not be asked for.";

/** The whole, short, for a screen reader. */
export const label = (cost) => `How ${detail(cost)} came about`;
