// Who may call: Spendlight keys, whether one is required, and the providers' keys behind them. Only the owner sees
// them at all. Not here: what a key may spend, which is a budget's to say.
import * as api from "../../api.js";
import { fill, h, icon, set } from "../../dom.js";
import { keys as words, settings as common } from "../../words.js";
import { toggle } from "../controls.js";
import { createFrame } from "./frame.js";
import { createIssued, createKeyForm } from "./key-form.js";
import { keyRow } from "./key-rows.js";
import { createProviderKeys } from "./provider-keys.js";

export function createKeys({ owner }) {
  const issue = h("button", { class: "btn small", on: { click: open } }, icon("plus"), words.issueKey);
  const frame = createFrame(words.title, { owner, action: issue });
  const require = toggle({ label: words.require, on: false, turn });
  const issuedPlace = h("div"),
    formPlace = h("div"),
    rows = h("div");
  const none = h(
    "p",
    { class: "blank" },
    words.noneOwn,
  );
  const providers = createProviderKeys({ frame, owner });
  frame.node.append(
    issuedPlace,
    h(
      "div",
      { class: "card" },
      h(
        "header",
        {},
        h("h2", {}, words.own),
        h("span", { class: "faint small" }, words.ownNote),
      ),
      formPlace,
      rows,
      none,
    ),
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "opt" },
        h(
          "div",
          {},
          words.require,
          h("p", {}, words.requireHint),
        ),
        require.node,
      ),
    ),
    providers.node,
  );

  function turn(on) {
    return frame.run(() => api.putSettings({ require_key: on }), common.mayChange);
  }

  function close() {
    const was = Boolean(formPlace.firstChild);
    fill(formPlace);
    set(issue, "hidden", false);
    if (was) issue.focus();
    return was;
  }

  function open() {
    fill(issuedPlace);
    const form = createKeyForm({
      owner,
      done: async (issued) => {
        close();
        if (!issued) return;
        show(issued);
        await load();
      },
    });
    fill(formPlace, form.node);
    set(issue, "hidden", true);
    form.focus();
  }

  function show(issued) {
    const card = createIssued({
      key: issued,
      close: () => {
        fill(issuedPlace);
        issue.focus();
      },
    });
    fill(issuedPlace, card.node);
    card.focus();
  }

  async function revoke(key) {
    if (await frame.run(() => api.revokeKey(key.id), words.may.revoke)) await load();
  }

  async function load() {
    const answer = await frame.read(api.keys);
    if (!answer) return;
    // Those that are still good first; the rest is history.
    const sorted = [...answer.keys].sort((a, b) => Boolean(a.revoked_at) - Boolean(b.revoked_at));
    fill(
      rows,
      sorted.map((key) => keyRow(key, { revoke })),
    );
    set(none, "hidden", sorted.length > 0);
  }

  return {
    node: frame.node,
    async show() {
      const settings = await frame.read(api.settings);
      if (settings) require.show(settings.require_key);
      if (!api.mayChange()) return;
      await load();
      await providers.load();
    },
    key: (event) => event.key === "Escape" && (close() || providers.close()),
  };
}
