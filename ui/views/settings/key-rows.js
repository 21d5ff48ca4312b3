// The rows of the keys: Spendlight's own and the providers', each with a question before it is gone. Never the key
// itself, which nobody here has.
import { fill, h, swatch } from "../../dom.js";
import { providerClass } from "../../kinds.js";
import { keys as words, provider } from "../../words.js";

/** A button that first asks: `question` is what, `act` is done when the answer is yes. */
function asking({ label, aria, question, act }) {
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
    const stay = button(" ghost", rest, words.keep);
    fill(node, h("span", { role: "alert", class: "small" }, question), stay, button(" danger", act, label));
    stay.focus();
  }
  node.append(first);
  return node;
}

export function keyRow(key, { revoke }) {
  const question = words.revokeAsk(key.name);
  const act = () => revoke(key);
  return h(
    "div",
    { class: `opt${key.revoked_at ? " is-off" : ""}` },
    h("div", {}, key.name, " ", h("span", { class: "mono faint small copyable" }, key.id), h("p", {}, words.facts(key))),
    !key.revoked_at && asking({ label: words.revoke, aria: words.revokeOf(key.name), question, act }),
  );
}

export function providerKeyRow(kept, { remove }) {
  const name = provider(kept.provider);
  const question = words.forgetAsk(name);
  const act = () => remove(kept);
  return h(
    "div",
    { class: "opt" },
    h("div", {}, swatch(providerClass(kept.provider)), " ", name, h("p", {}, words.place(kept.store))),
    kept.store !== "environment" && asking({ label: words.remove, aria: words.removeOf(name), question, act }),
  );
}
