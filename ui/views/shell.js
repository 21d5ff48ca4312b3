// The bar over every view: where one is, where the server is, the kill switch; and the notes that hold everywhere.
// Not here: the state sentence (state.js): it belongs to the dashboard, and is spoken from there.
import * as api from "../api.js";
import { fill, h, icon, set, text } from "../dom.js";
import { clock, rateOf } from "../format.js";
import { currency, shell as words } from "../words.js";
import { createQuestions } from "./questions.js";

const LINKS = ["dashboard", "history", "alerts"];

/** Where amounts stand that may be shown in another currency. */
const CONVERTED = ["dashboard", "history"];

export function createShell({ live, owner }) {
  const count = h("span", { class: "count", hidden: true });
  const links = new Map(
    LINKS.map((view) => [view, h("a", { href: `#/${view}` }, words.views[view], view === "alerts" && [" ", count])]),
  );
  const address = h(
    "button",
    { class: "address", title: words.copyAddress, on: { click: copyAddress } },
    words.connecting,
  );
  const pause = h("button", { class: "btn ghost", hidden: true, on: { click: togglePause, pointerleave: explain } });
  const gear = h(
    "a",
    { class: "btn ghost icon", href: "#/settings", "aria-label": words.views.settings, title: words.views.settings },
    icon("sliders"),
  );
  const note = h("div", { class: "notice", role: "alert", hidden: true });
  const questions = createQuestions({ live, owner });
  const rate = h("footer", { class: "rate small faint", hidden: true });
  const main = h("main", { id: "main", tabindex: "-1" });
  const bar = h(
    "header",
    { class: "bar" },
    h("nav", { "aria-label": words.viewsLabel }, [...links.values()]),
    h("span", { class: "spacer" }),
    address,
    pause,
    gear,
  );
  let view = "dashboard";
  let copied = null;

  async function copyAddress() {
    if (!live.status) return;
    await api.copy(`http://${live.status.address}`);
    clearTimeout(copied);
    copied = setTimeout(() => {
      copied = null;
      draw();
    }, 1500);
    text(address, words.copied);
  }

  function togglePause() {
    const paused = live.status?.state === "paused";
    owner.may(async () => live.take(await (paused ? api.resume() : api.pause())), {
      field: pause,
      what: paused ? words.may.resume : words.may.pause,
    });
  }

  /** A tooltip that is open keeps its old words: under the pointer there is none until the pointer has left. */
  function explain() {
    const hint = pause.dataset.paused === "true" ? words.resumeHint : words.pauseHint;
    set(pause, "title", pause.matches(":hover") ? null : hint);
  }

  function draw() {
    const { status, link } = live;
    const down = link === "down";
    const paused = status?.state === "paused";
    const silent = !status?.address;
    address.classList.toggle("is-down", down || (Boolean(status) && silent));
    if (!copied)
      text(
        address,
        down
          ? api.inWindow
            ? words.notListening
            : words.notAnswering
          : status
            ? status.address || words.notListening
            : words.connecting,
      );
    set(address, "disabled", silent || down);
    const fresh = status?.alerts_new ?? 0;
    set(count, "hidden", fresh === 0);
    set(count, "aria-label", words.fresh(fresh));
    text(count, String(fresh));
    set(pause, "hidden", !status || down || (paused && view === "dashboard"));
    if (status && pause.dataset.paused !== String(paused)) {
      pause.dataset.paused = String(paused);
      explain();
      fill(pause, icon(paused ? "play" : "pause"), h("span", {}, paused ? words.resume : words.pause));
    }
    notice(down, status);
    const other = Boolean(status && rateOf(status.currency)) && CONVERTED.includes(view);
    set(rate, "hidden", !other);
    if (other) text(rate, currency.approximate(status.currency));
  }

  function notice(down, status) {
    const said =
      down && view !== "dashboard"
        ? words.silent(live.lastHeard ? clock(live.lastHeard) : null)
        : status && status.ledger_writable === false && view !== "dashboard"
          ? words.unwritable
          : "";
    set(note, "hidden", !said);
    if (note.dataset.said !== said) {
      note.dataset.said = said;
      fill(note, said && h("p", { class: "note l-exceeded" }, h("span", {}, said)));
    }
  }

  live.on("status", draw);
  live.on("link", draw);
  return {
    node: h("div", { class: "shell" }, bar, note, questions.node, main, rate),
    main,
    togglePause,
    current(next) {
      view = next;
      for (const [name, link] of links) set(link, "aria-current", name === next && "page");
      set(gear, "aria-current", next === "settings" && "page");
      draw();
    },
  };
}
