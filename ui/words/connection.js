// What the section on connecting says, and what stands beside snippets of code wherever they are shown. Part of the words
// (words.js), from where it is used. Not here: the code itself, which is the same in every language.

export const title = "Connection";
export const address = "Address";
export const addressHint = "Only this computer can reach it.";
export const askStreams = "Ask streams for their usage";
/** Around the option's name, as code. */
export const askStreamsHint = ["Adds ", " where a client leaves it out, and takes the extra chunk out again."];
export const whoMay = "Who may";
/** Around the command and the header, as code. */
export const whoMayHint = [
  "Any program of this computer may ask, record, read and pass calls through. Budgets, settings, prices, alerts and the pause are the owner's: ",
  " prints the token to send as ",
  ".",
];
export const notListening = "not listening";

export const baseUrls = "Base URLs";
export const baseUrlsNote = "instead of the provider's own";
export const baseUrlsHint =
  "With a project, calls count under it by their URL alone. A provider of your own is found by the name that config.toml gives it.";
export const copyBaseUrl = (provider) => `Copy the base URL of ${provider}`;
export const project = "Project";
export const projectHint = "project";

export const useItFrom = "Use it from";
export const provider = "Provider";
export const askFirst = "Ask first, tell after";
export const askFirstNote = "if your script cannot change its base URL";
export const language = "Language";
export const codeOf = (title) => `${title}, the code`;

export const whose = "Whose a call is";
export const whoseNote = "headers that a call may bring; none goes upstream";
export const headers = {
  "x-spendlight-project": "the project, where the URL names none",
  "x-spendlight-session": "one run, or one conversation",
  "x-spendlight-user": "whom it is for",
  "x-spendlight-operation": "what it does",
  "x-spendlight-tags": "anything else: team=search,night=yes",
  "x-spendlight-call-id": "your own id for the call; every answer brings one",
  "x-spendlight-key": "a Spendlight key beside the provider's own",
};

export const denied = "When a call is denied";
export const deniedNote = "with 402, or 429 where it may go soon";
export const deniedHint =
  "A proxied call gets an error as its provider would send it, with the budget in its message: the SDK raises it and does not try again. A check gets the budget that binds, and what would still go:";
export const deniedCode = "A denied check";
export const deniedSoon = "429 is for limits of a minute or an hour: the header retry-after says when to ask again.";

/* ---- beside code --------------------------------------------------------------------------------------------------- */

/** The names of snippets; those of languages and programs are their own. */
export const snippets = { environment: "Environment", headers: "Headers", run: "Run", reply: "Whole reply" };
export const ofEnvironment = "Whatever reads these needs no change to its code.";
export const untouched = (provider) =>
  `Your key goes on to ${provider} as it is and is never written down. A Spendlight key in its place is swapped for the one kept in Keys.`;
export const perCall = {
  openai: "For every call of this client. One call has its own with extra_headers.",
  anthropic: "For every call of this client. One call has its own with extra_headers.",
  gemini: "For every call of this client. One call has its own with http_options in its config.",
};
export const ofRun =
  "Counts every call of the command, whoever it goes to, denies what could take them over fifty cents together, and ends with a receipt. The script stays as it is.";
export const firstLine = (provider) =>
  `Your key passes through to ${provider} and is never written down. The first call appears here as it happens.`;
export const ofCurl = "The check answers 402 when a budget says no, so && is all a script needs.";
export const ofPython =
  "A denied check raises HTTPError. With reserve the most the call can cost is held until it is recorded, so scripts that run side by side stay under the limit together.";
export const ofNode = "The same call_id twice never counts twice, so a record may be sent again when in doubt.";
export const ofReply = "Tokens, model and service tier are read from it and kept; what was said is not.";
