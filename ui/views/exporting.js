// Writing calls out into a file: choose the form, watch how far it has come, give it up. The server writes, so that a
// million calls never pass through the page; it can be left meanwhile. Not here: which calls, which whoever shows this
// brings along.
import * as api from "../api.js";
import { h, icon, set, text } from "../dom.js";
import { said } from "../live.js";
import { exporting as words } from "../words.js";
import { copyButton, segments } from "./controls.js";

/** How often an export is looked after that is being written. */
const LOOK_MS = 300;

/** Where this page's last export was begun, since there is one at a time. */
let begunIn = null;

/** `filter()`: what is asked for as the ledger is asked for it; `entries()`: how many that is, null where nobody knows. */
export function createExport({ owner, filter, entries }) {
  const choice = segments({
    label: words.format,
    value: "csv",
    options: Object.entries(words.formats),
    choose: () => offer(),
  });
  const begin = h("button", { class: "btn small primary", type: "button", on: { click: start } });
  const link = h("a", { class: "btn small", download: true });
  const bar = h("progress", { "aria-label": words.progress, hidden: true });
  const state = h("span", { class: "small", role: "status" });
  const wrong = h("p", { class: "note l-exceeded", role: "alert", hidden: true });
  const stop = h("button", { class: "btn small", type: "button", hidden: true, on: { click: giveUp } }, words.cancel);
  const copy = copyButton(() => state.dataset.file ?? "", words.copyPath);
  const node = h(
    "div",
    { class: "exporting", role: "group", "aria-label": words.title },
    choice.node,
    begin,
    link,
    bar,
    state,
    stop,
    copy,
    wrong,
  );
  set(copy, "hidden", true);
  let looking = null;

  /** What can be done now: the owner has it written, anyone else may save it from the browser. */
  function offer() {
    const mayWrite = api.mayChange();
    set(begin, "hidden", !mayWrite);
    set(link, "hidden", mayWrite);
    text(begin, words.begin(entries()));
    text(link, words.download(words.formats[choice.value]));
    set(link, "href", mayWrite ? null : api.exportAddress({ ...filter(), format: choice.value }));
  }

  function tell(problem) {
    text(wrong, problem);
    set(wrong, "hidden", !problem);
  }

  /** How an export came out is told where it was begun; where this page does not know that, everywhere. */
  function show(now) {
    const runs = now.state === "running";
    const isOurs = runs || [null, node].includes(begunIn);
    set(begin, "disabled", runs);
    set(stop, "hidden", !runs);
    set(bar, "hidden", !runs);
    set(bar, "max", Math.max(1, now.of));
    set(bar, "value", now.entries);
    const told = isOurs && { running: words.goesOn, done: words.done, cancelled: () => words.cancelled }[now.state];
    text(state, told ? told(now) : "");
    state.dataset.file = now.file ?? "";
    set(copy, "hidden", !isOurs || now.state !== "done");
    tell(isOurs && now.state === "failed" ? words.failed(now) : "");
    clearTimeout(looking);
    if (runs) looking = setTimeout(look, LOOK_MS);
  }

  async function look() {
    try {
      show(await api.exportProgress());
    } catch (problem) {
      tell(said(problem));
    }
  }

  async function start() {
    tell("");
    set(begin, "disabled", true);
    const asked = { ...filter(), format: choice.value };
    try {
      const begun = await owner.may(() => api.beginExport(asked), { what: words.may });
      if (begun) {
        begunIn = node;
        return show(begun);
      }
    } catch (problem) {
      tell(said(problem));
    }
    set(begin, "disabled", false);
  }

  async function giveUp() {
    // One that has just ended need not be given up.
    await api.cancelExport().catch(() => {});
    await look();
    begin.focus();
  }

  /** A button that opens this and closes it; an export goes on all the same. */
  const opener = h(
    "button",
    { class: "btn small", "aria-expanded": "false", on: { click: toggle } },
    icon("download"),
    words.open,
  );
  function toggle() {
    const opens = node.hidden;
    set(node, "hidden", !opens);
    set(opener, "aria-expanded", String(opens));
    if (!opens) return;
    view.show();
    (begin.hidden ? link : begin).focus();
  }

  const view = {
    node,
    opener,
    /** Anew for what is asked for now; an export that goes on is looked after, whoever has begun it. */
    show() {
      offer();
      tell("");
      if (api.mayChange()) look();
    },
    offer,
    toggle,
  };
  return view;
}
