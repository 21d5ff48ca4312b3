// What the section on prices says. Part of the words (words.js), from where it is used.
import { calls, count, date, detail } from "../format.js";

export const title = "Prices";
export const check = "Check for new prices";
export const checking = "checking";
export const current = "current";
export const fetchedOn = (at) => `Price list fetched on ${date(at)}`;
export const broughtAlong = (at) => `Price list of ${date(at)} that came with Spendlight`;
export const models = (many) => `${count(many)} models. Closed days keep the prices they were counted at.`;
export const unknown = "Unknown models";
export const setPrice = "Set a price";
/** What is known of a model without a price. */
export const counted = (provider, model) =>
  `${provider}: ${calls(model.calls)} since ${date(model.since)}, counted high: ${detail(model.cost_usd)}.`;

/* ---- a newer list -------------------------------------------------------------------------------------------------- */

const changes = (n) => (n === 1 ? "1 price changes" : `${count(n)} prices change`);
const counted_ = (n, what) => `${count(n)} ${n === 1 ? "model is" : "models are"} ${what}`;

/** What a newer list would change: "2 prices change, 12 models are added and 1 model is removed." */
export function wouldChange({ changed_count: changed, added_count: added, removed_count: removed }) {
  const parts = [
    changed && changes(changed),
    added && counted_(added, "added"),
    removed && counted_(removed, "removed"),
  ].filter(Boolean);
  if (!parts.length) return "Nothing would change.";
  const last = parts.pop();
  return `${parts.length ? `${parts.join(", ")} and ` : ""}${last}. Calls that are recorded keep what they were counted at.`;
}
export const newer = "A newer price list";
export const take = "Take the new prices";
export const added = "Added";
export const removed = "Removed";
/** The names of models, and how many more there are. */
export const named = (names, all) =>
  `${names.join(", ")}${all > names.length ? ` and ${count(all - names.length)} more` : ""}`;
export const moreChanges = (n) => `and ${count(n)} more`;
export const arrow = (before, after) => (before === after ? after : `${before} → ${after}`);

/* ---- the models in use --------------------------------------------------------------------------------------------- */

export const inUse = "Models you use";
export const inUseNote = "in the last 30 days";
export const since = "Since";
/** Since when a price holds: a list knows of no other one before, or of one of the user's own it is not known. */
export const sinceWhen = (at) => (at ? date(at) : "always");
export const from = "From";
export const ownPrice = "yours";
export const ownPriceHint = "Your own price goes before the list's";
export const noRate = "no price";

export const yours = "Your prices";
export const yoursNote = "US dollars for 1M tokens";
export const none = "None. A price of yours goes before the list's, for calls made from then on.";
export const add = "Add";
export const edit = "Edit";
export const remove = "Remove";
export const removeOf = (model) => `Remove the price of ${model}`;
export const keep = "Keep";
export const change = "Change";
export const columns = { model: "Model", input: "Input", cached: "Cached", output: "Output" };

export const withoutPrice = "A model without a price";
export const withoutPriceHint =
  "Count high takes the provider's dearest known model. Denying is the safe choice for scripts that run alone.";
export const policies = { count_high: "Count high", deny: "Deny" };
export const mayFetch = "fetch prices";
export const mayChange = "change prices";

/* ---- the form ------------------------------------------------------------------------------------------------------ */

export const form = "Your price";
export const provider = "Provider";
export const model = "Model";
export const modelHint = "gpt-5-mini or local/*";
export const kinds = {
  input_usd_per_million: "Input",
  output_usd_per_million: "Output",
  cache_read_usd_per_million: "Cached input",
  cache_write_usd_per_million: "Cache writes",
};
export const noProvider = "The provider is missing.";
export const noModel = "The model is missing; a * at its end stands for any ending.";
export const starAtEnd = "A * may stand at the end only.";
export const missing = (kind) => `${kind} is missing; 0 is a price too.`;
export const noNumber = (example) => `A number, like ${example}.`;
export const save = "Save";
export const cancel = "Cancel";
