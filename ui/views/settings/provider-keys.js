// The providers' own keys: set and removed here, and never shown. On a machine without a keychain the user is asked
// whether a file will do.
import * as api from "../../api.js";
import { fill, h, icon, set, text } from "../../dom.js";
import { KNOWN_PROVIDERS } from "../../kinds.js";
import { keys as words } from "../../words.js";
import { uid } from "../controls.js";
import { besideField, field, fieldOf, showWrong } from "./fields.js";
import { providerKeyRow } from "./key-rows.js";

function createForm({ owner, done }) {
  const list = uid("list");
  const fields = {
    provider: field({ label: words.provider, placeholder: "openai", list }),
    key: field({ label: words.key }),
  };
  set(fields.key.input, "type", "password");
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const file = h(
    "button",
    { class: "btn small", type: "button", hidden: true, on: { click: () => save("file") } },
    words.keepInFile,
  );
  const node = h(
    "form",
    { class: "editor", novalidate: true, "aria-label": words.providerForm, on: { submit } },
    h("div", { class: "f2" }, fields.provider.node, fields.key.node),
    wrong,
    h(
      "div",
      { class: "row" },
      h("span", { class: "spacer" }),
      h("button", { class: "btn small ghost", type: "button", on: { click: () => done(false) } }, words.cancel),
      file,
      h("button", { class: "btn small primary" }, words.save),
    ),
    h(
      "datalist",
      { id: list },
      KNOWN_PROVIDERS.map((value) => h("option", { value })),
    ),
  );

  function tell(what) {
    text(wrong, what);
    set(wrong, "hidden", !what);
  }

  function submit(event) {
    event.preventDefault();
    save("keychain");
  }

  async function save(store) {
    const [provider, key] = [fields.provider.value.trim().toLowerCase(), fields.key.value.trim()];
    const bad = {};
    if (!provider) bad.provider = words.noProvider;
    if (!key) bad.key = words.noKey;
    showWrong(fields, bad, tell);
    if (Object.keys(bad).length) return;
    try {
      const wish = () => api.putProviderKey(provider, { key, store });
      if ((await owner.may(wish, { what: words.may.keep })) !== undefined) done(true);
    } catch (problem) {
      set(file, "hidden", problem.kind !== "keychain-unavailable");
      const name = fieldOf(problem, Object.keys(fields));
      showWrong(fields, { [name]: name ? besideField(problem) : problem.message }, tell);
    }
  }
  return { node, focus: () => fields.provider.focus() };
}

/** A card: {node, load(), close() → whether a form was open}. `run` and `read` are the section's. */
export function createProviderKeys({ frame, owner }) {
  const add = h("button", { class: "btn small", on: { click: open } }, icon("plus"), words.add);
  const place = h("div"),
    rows = h("div");
  const none = h(
    "p",
    { class: "blank" },
    words.noneOfProviders,
  );
  const node = h(
    "div",
    { class: "card" },
    h(
      "header",
      {},
      h("h2", {}, words.providers),
      h("span", { class: "faint small" }, words.providersNote),
      h("span", { class: "spacer" }),
      add,
    ),
    place,
    rows,
    none,
  );

  function close() {
    const was = Boolean(place.firstChild);
    fill(place);
    set(add, "hidden", false);
    if (was) add.focus();
    return was;
  }

  function open() {
    const form = createForm({
      owner,
      done: async (saved) => {
        close();
        if (saved) await load();
      },
    });
    fill(place, form.node);
    set(add, "hidden", true);
    form.focus();
  }

  async function remove(kept) {
    if (await frame.run(() => api.removeProviderKey(kept.provider), words.may.remove)) await load();
  }

  async function load() {
    const answer = await frame.read(api.providerKeys);
    if (!answer) return;
    fill(
      rows,
      answer.provider_keys.map((kept) => providerKeyRow(kept, { remove })),
    );
    set(none, "hidden", answer.provider_keys.length > 0);
  }
  return { node, load, close };
}
