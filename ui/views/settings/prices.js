// What calls cost: the price list in use, models it does not know, the user's own prices, and what happens to a call
// without a price. Not here: the price of a single call (history).
import * as api from "../../api.js";
import { fill, h, icon, set, text } from "../../dom.js";
import { count } from "../../format.js";
import { prices as words, settings as common } from "../../words.js";
import { segments } from "../controls.js";
import { createFrame } from "./frame.js";
import { createPriceForm } from "./price-form.js";
import { createPricePreview } from "./price-preview.js";
import { createModelsInUse, createOwnPrices, unknownRow } from "./price-rows.js";

export function createPrices({ owner }) {
  const refresh = h("button", { class: "btn small", on: { click: check } }, words.check);
  const frame = createFrame(words.title, { owner, action: refresh });
  const listName = document.createTextNode(""),
    listWords = h("p"),
    state = h("span", { class: "small faint", role: "status" });
  const unknown = h("div", { class: "card", hidden: true });
  const preview = createPricePreview({ take, close: leave });
  const inUse = createModelsInUse();
  const formPlace = h("div");
  const own = createOwnPrices({ open, remove });
  const none = h(
    "p",
    { class: "blank" },
    words.none,
  );
  const add = h("button", { class: "btn small", on: { click: () => open() } }, icon("plus"), words.add);
  const policy = segments({
    label: words.withoutPrice,
    options: ["count_high", "deny"].map((policy) => [policy, words.policies[policy]]),
    value: "",
    choose: choosePolicy,
  });
  let chosenPolicy = "";

  frame.node.append(
    h("div", { class: "card" }, h("div", { class: "opt" }, h("div", {}, listName, listWords), state)),
    preview.node,
    unknown,
    inUse.node,
    h(
      "div",
      { class: "card" },
      h(
        "header",
        {},
        h("h2", {}, words.yours),
        h("span", { class: "faint small" }, words.yoursNote),
        h("span", { class: "spacer" }),
        add,
      ),
      formPlace,
      own.node,
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
          words.withoutPrice,
          h("p", {}, words.withoutPriceHint),
        ),
        policy.node,
      ),
    ),
  );

  async function choosePolicy(next) {
    const saved = await frame.run(() => api.putSettings({ unknown_price: next }), common.mayChange);
    if (saved === undefined) policy.show(chosenPolicy);
    else chosenPolicy = next;
  }

  async function check() {
    set(refresh, "disabled", true);
    text(state, words.checking);
    const found = await frame.run(api.previewPrices, words.mayFetch);
    set(refresh, "disabled", false);
    text(state, "");
    if (!found) return;
    if (found.changed_count || found.added_count || found.removed_count) preview.show(found);
    else await take(found.id);
  }

  async function take(id) {
    const taken = await frame.run(() => api.takePrices(id), words.mayFetch);
    if (!taken) return;
    leave();
    text(state, words.current);
    await load();
  }

  /** Puts what a newer list would change away again. */
  function leave() {
    preview.hide();
    refresh.focus();
  }

  function open(start) {
    const form = createPriceForm({
      owner,
      start,
      done: async (saved) => {
        fill(formPlace);
        set(add, "hidden", false);
        if (saved) await load();
        add.focus();
      },
    });
    fill(formPlace, form.node);
    set(add, "hidden", true);
    form.focus();
  }

  async function remove(price) {
    if (await frame.run(() => api.removeOverride(price.provider, price.model), words.mayChange)) await load();
  }

  function draw({ price_list: list, overrides, unknown_models: strange, models_in_use: used }) {
    inUse.update(used);
    const fetched = list.downloaded_at;
    listName.data = fetched ? words.fetchedOn(fetched) : words.broughtAlong(list.at);
    text(listWords, words.models(list.models));
    own.update(overrides);
    set(own.node, "hidden", !overrides.length);
    set(none, "hidden", overrides.length > 0);
    set(unknown, "hidden", !strange.length);
    const heading = [h("h2", {}, words.unknown), h("span", { class: "mark odd" }, count(strange.length))];
    fill(
      unknown,
      h("header", {}, heading),
      strange.map((one) => unknownRow(one, open)),
    );
  }

  async function load() {
    const answer = await frame.read(api.prices);
    if (answer) draw(answer);
  }

  return {
    node: frame.node,
    async show() {
      text(state, "");
      preview.hide();
      await load();
      const settings = await frame.read(api.settings);
      if (settings) policy.show((chosenPolicy = settings.unknown_price));
    },
    key(event) {
      if (event.key !== "Escape") return false;
      if (preview.isOpen) return (leave(), true);
      if (!formPlace.firstChild) return false;
      fill(formPlace);
      set(add, "hidden", false);
      add.focus();
      return true;
    },
  };
}
