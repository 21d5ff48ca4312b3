// How long single calls are kept. What a shorter time would take out is told first, and asked; a longer one holds at once.
import * as api from "../../api.js";
import { fill, h, set, text } from "../../dom.js";
import { settings as common, data as words } from "../../words.js";
import { select } from "../controls.js";

/** `changed()` hears when it is another time. */
export function createRetention({ frame, changed }) {
  const says = h("p", {}, words.retentionHint);
  const keep = select({ label: words.retention, options: words.KEEP, choose: ask });
  const verdict = h("div", { class: "note l-warning stack", role: "status" });
  const place = h("div", { class: "padded", hidden: true }, verdict);
  const node = h(
    "div",
    { class: "card" },
    h("div", { class: "opt" }, h("div", {}, words.retention, says), keep.node),
    place,
  );
  let stored = "forever";

  function forget() {
    set(place, "hidden", true);
    fill(verdict);
    keep.value = stored;
  }

  async function put(wish) {
    const saved = await frame.run(() => api.putSettings({ keep_calls: wish }), common.mayChange);
    if (saved) stored = wish;
    forget();
    keep.list.focus();
    await changed();
  }

  async function ask(wish) {
    const would = await frame.read(() => api.retention(wish));
    if (!would) return forget();
    if (!would.entries) return put(wish);
    const cancel = h("button", { class: "btn small ghost", type: "button", on: { click: close } }, words.cancel);
    const go = h("button", { class: "btn small danger", type: "button", on: { click: () => put(wish) } }, words.takeOut);
    fill(verdict, h("span", {}, words.wouldGo(would)), h("div", { class: "ends" }, cancel, go));
    set(place, "hidden", false);
    cancel.focus();
  }

  function close() {
    const open = !place.hidden;
    if (open) {
      forget();
      keep.list.focus();
    }
    return open;
  }

  return {
    node,
    close,
    /** Shows what holds, and how much of it is still to be done. */
    update({ retention }) {
      stored = retention.keep_calls;
      if (place.hidden) keep.value = stored;
      text(says, retention.entries ? words.going(retention) : words.retentionHint);
    },
  };
}
