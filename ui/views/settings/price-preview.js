// A newer price list, before it is taken: which prices it changes and by how much, which models it adds and takes away.
// Nothing of it holds until somebody says so.
import { fill, h, set, swatch, text } from "../../dom.js";
import { price as figure } from "../../format.js";
import { providerClass } from "../../kinds.js";
import { prices as words, provider } from "../../words.js";

/** Changes and names that are shown; the sentence counts all of them. */
const ROWS = 12;
const NAMES = 8;

const KINDS = ["input", "cache_read", "output"].map((kind) => `${kind}_usd_per_million`);

const name = ({ provider: id, model }) =>
  h("span", { class: "name", title: provider(id) }, swatch(providerClass(id)), h("span", {}, model));

/** `take(id)` takes a list into use, `close()` leaves everything as it is. */
export function createPricePreview({ take, close }) {
  const says = h("p", {});
  const rows = h("tbody", { class: "rows" });
  const headings = ["input", "cached", "output"].map((kind) => h("th", { class: "num" }, words.columns[kind]));
  const table = h(
    "table",
    { "aria-label": words.newer },
    h("thead", { class: "grid-head" }, h("tr", {}, h("th", {}, words.columns.model), headings)),
    rows,
  );
  const cancel = h("button", { class: "btn small ghost", type: "button", on: { click: () => close() } }, words.cancel);
  const go = h("button", { class: "btn small primary", type: "button" }, words.take);
  let offered = null;
  go.addEventListener("click", async () => {
    set(go, "disabled", true);
    await take(offered);
    set(go, "disabled", false);
  });
  const head = h("div", { class: "opt" }, h("div", { role: "status" }, words.newer, says), cancel, go);
  const node = h("div", { class: "card", hidden: true }, head, table);

  const row = (change) =>
    h(
      "tr",
      {},
      h("td", {}, name(change)),
      KINDS.map((kind) =>
        h("td", { class: "num" }, words.arrow(figure(change.before[kind]), figure(change.after[kind]))),
      ),
    );

  /** A line of names, or nothing where there are none. */
  function line(label, models, all) {
    if (!all) return null;
    const shown = models.slice(0, NAMES).map((one) => one.model);
    return h("div", { class: "opt" }, h("div", {}, label, h("p", { class: "copyable" }, words.named(shown, all))));
  }

  return {
    node,
    get isOpen() {
      return !node.hidden;
    },
    hide() {
      set(node, "hidden", true);
    },
    show(preview) {
      offered = preview.id;
      text(says, words.wouldChange(preview));
      const shown = preview.changed.slice(0, ROWS);
      const more = preview.changed_count - shown.length;
      fill(
        rows,
        shown.map(row),
        more > 0 && h("tr", {}, h("td", { class: "faint", colspan: 4 }, words.moreChanges(more))),
      );
      set(table, "hidden", !preview.changed_count);
      fill(
        node,
        head,
        table,
        line(words.added, preview.added, preview.added_count),
        line(words.removed, preview.removed, preview.removed_count),
      );
      set(node, "hidden", false);
      go.focus();
    },
  };
}
