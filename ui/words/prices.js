// What the section on prices says. Part of the words (words.js), from where it is used.
import { calls, count, date, detail } from "../format.js";

export const title = "Prices";
export const check = "Check for new prices";
export const checking = "checking";
export const current = "current";
export const fetchedOn = (at) => `Price list fetched on ${date(at)}`;
export const ofThisVersion = "The price list of this version";
export const models = (many) => `${count(many)} models. Closed days keep the prices they were counted at.`;
export const unknown = "Unknown models";
export const setPrice = "Set a price";
/** What is known of a model without a price. */
export const counted = (provider, model) =>
  `${provider}: ${calls(model.calls)} since ${date(model.since)}, counted high: ${detail(model.cost_usd)}.`;

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
export const noNumber = "A number, like 0.25.";
export const save = "Save";
export const cancel = "Cancel";
