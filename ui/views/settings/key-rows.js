// The rows of the keys: Spendlight's own and the providers', each with a question before it is gone. Never the key
// itself, which nobody here has.
import { fill, h, swatch } from "../../dom.js";
import { date } from "../../format.js";
import { provider, providerClass } from "../../words.js";

/** A button that first asks: `words` is the question, `act` is done when the answer is yes. */
function asking({ label, aria, words, act }) {
  const button = (kind, click, name) =>
    h("button", { class: `btn small${kind}`, type: "button", on: { click } }, name);
  const node = h("div", { class: "pair asks" });
  const first = button(" ghost", ask, label);
  first.setAttribute("aria-label", aria);
  function rest() {
    fill(node, first);
    first.focus();
  }
  function ask() {
    const stay = button(" ghost", rest, "Keep it");
    fill(node, h("span", { role: "alert", class: "small" }, words), stay, button(" danger", act, label));
    stay.focus();
  }
  node.append(first);
  return node;
}

/** "Project eval · gpt-5-mini* · last used on 22 Nov". Pure but for the format of dates. */
export function facts(key) {
  const parts = [];
  if (key.project) parts.push(`Project ${key.project}`);
  parts.push(key.models.length ? key.models.join(", ") : "All models");
  if (key.revoked_at) parts.push(`revoked on ${date(key.revoked_at)}`);
  else parts.push(key.last_used_at ? `last used on ${date(key.last_used_at)}` : "never used");
  return parts.join(" · ");
}

export function keyRow(key, { revoke }) {
  const words = `Revoke ${key.name}? What sends it is refused at once; its calls stay.`;
  const act = () => revoke(key);
  return h(
    "div",
    { class: `opt${key.revoked_at ? " is-off" : ""}` },
    h("div", {}, key.name, " ", h("span", { class: "mono faint small copyable" }, key.id), h("p", {}, facts(key))),
    !key.revoked_at && asking({ label: "Revoke", aria: `Revoke ${key.name}`, words, act }),
  );
}

const PLACES = {
  keychain: "In the system's keychain",
  file: "In a file that only you can read",
  environment: "From the environment",
};

export function providerKeyRow(kept, { remove }) {
  const name = provider(kept.provider);
  const words = `Forget ${name}'s key?`;
  const act = () => remove(kept);
  return h(
    "div",
    { class: "opt" },
    h("div", {}, swatch(providerClass(kept.provider)), " ", name, h("p", {}, PLACES[kept.store] ?? kept.store)),
    kept.store !== "environment" && asking({ label: "Remove", aria: `Remove the key of ${name}`, words, act }),
  );
}
