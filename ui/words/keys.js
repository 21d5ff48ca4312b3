// What the section on keys says, Spendlight's own and the providers'. Part of the words (words.js), from where it is used.
import { date } from "../format.js";

export const title = "Keys";
export const issueKey = "Issue a key";
export const own = "Spendlight keys";
export const ownNote = "sent as the API key or as x-spendlight-key";
export const noneOwn =
  "None. Give each script or project a key of its own to tell their calls apart, limit them by a budget, and revoke one without the others.";
export const require = "Require a key";
export const requireHint = "A check, a record or a proxied call without one is refused. Yours are not.";
export const revoke = "Revoke";
export const revokeOf = (name) => `Revoke ${name}`;
export const revokeAsk = (name) => `Revoke ${name}? What sends it is refused at once; its calls stay.`;
export const keep = "Keep it";
export const may = { issue: "issue keys", revoke: "revoke keys", keep: "keep providers' keys", remove: "remove providers' keys" };

/** "Project eval · gpt-5-mini* · last used on 22 Nov". */
export function facts(key) {
  const parts = [];
  if (key.project) parts.push(`Project ${key.project}`);
  parts.push(key.models.length ? key.models.join(", ") : "All models");
  if (key.revoked_at) parts.push(`revoked on ${date(key.revoked_at)}`);
  else parts.push(key.last_used_at ? `last used on ${date(key.last_used_at)}` : "never used");
  return parts.join(" · ");
}

/* ---- a new key ----------------------------------------------------------------------------------------------------- */

export const form = "New key";
export const name = "Name";
export const nameHint = "Nightly eval";
export const project = "Project";
export const projectHint = "none";
export const models = "Models";
export const modelsHint = "every model";
export const modelsLike = "Like gpt-5-mini, gemini-2.5*";
export const noName = "The name is missing: what is the key for?";
export const starAtEnd = "A * may stand at the end of a name only.";
export const issue = "Issue";
export const cancel = "Cancel";
export const theKey = "The key";
export const keyOf = (holder) => `The key of ${holder}`;
export const onlyNow = "Copy it now: it will not be shown again, and Spendlight keeps only its hash.";
export const haveIt = "I have it";

/* ---- the providers' keys ------------------------------------------------------------------------------------------- */

export const providers = "Provider keys";
export const providersNote = "for calls made with a Spendlight key";
export const noneOfProviders =
  "None. A call that brings its provider's key is passed on with it; one that brings a Spendlight key goes with the key kept here.";
export const add = "Add";
export const remove = "Remove";
export const removeOf = (provider) => `Remove the key of ${provider}`;
export const forgetAsk = (provider) => `Forget ${provider}'s key?`;
const PLACES = {
  keychain: "In the system's keychain",
  file: "In a file that only you can read",
  environment: "From the environment",
};
export const place = (store) => PLACES[store] ?? store;
export const providerForm = "A provider's key";
export const provider = "Provider";
export const key = "Key";
export const noProvider = "The provider is missing.";
export const noKey = "The key is missing.";
export const keepInFile = "Keep it in a file";
export const save = "Save";
