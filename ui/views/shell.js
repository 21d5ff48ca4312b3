// The bar over every view: where one is, where the server is, the kill switch; and the notes that hold everywhere.
// Not here: the state sentence (state.js): it belongs to the dashboard, and is spoken from there.
import * as api from "../api.js";
import { fill, h, icon, set, text } from "../dom.js";
import { clock } from "../format.js";
import { createQuestions } from "./questions.js";

const LINKS = [
  ["dashboard", "Dashboard"],
  ["history", "History"],
  ["alerts", "Alerts"],
];

export function createShell({ live, owner }) {
  const count = h("span", { class: "count", hidden: true });
  const links = new Map(
    LINKS.map(([view, label]) => [view, h("a", { href: `#/${view}` }, label, view === "alerts" && [" ", count])]),
  );
  const address = h(
    "button",
    { class: "address", title: "Copy the address", on: { click: copyAddress } },
    "connecting",
  );
  const pause = h("button", { class: "btn ghost", hidden: true, on: { click: togglePause, pointerleave: explain } });
  const gear = h(
    "a",
    { class: "btn ghost icon", href: "#/settings", "aria-label": "Settings", title: "Settings" },
    icon("sliders"),
  );
  const note = h("div", { class: "notice", role: "alert", hidden: true });
  const questions = createQuestions({ live, owner });
  const main = h("main", { id: "main", tabindex: "-1" });
  const bar = h(
    "header",
    { class: "bar" },
    h("nav", { "aria-label": "Views" }, [...links.values()]),
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
    text(address, "copied");
  }

  function togglePause() {
    const paused = live.status?.state === "paused";
    owner.may(async () => live.take(await (paused ? api.resume() : api.pause())), {
      field: pause,
      what: paused ? "resume calls" : "pause calls",
    });
  }

  /** A tooltip that is open keeps its old words: under the pointer there is none until the pointer has left. */
  function explain() {
    const words = pause.dataset.paused === "true" ? "Let calls go again" : "Deny every call until you resume";
    set(pause, "title", pause.matches(":hover") ? null : words);
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
            ? "not listening"
            : "not answering"
          : status
            ? status.address || "not listening"
            : "connecting",
      );
    set(address, "disabled", silent || down);
    const fresh = status?.alerts_new ?? 0;
    set(count, "hidden", fresh === 0);
    set(count, "aria-label", `${fresh} new`);
    text(count, String(fresh));
    set(pause, "hidden", !status || down || (paused && view === "dashboard"));
    if (status && pause.dataset.paused !== String(paused)) {
      pause.dataset.paused = String(paused);
      explain();
      fill(pause, icon(paused ? "play" : "pause"), h("span", {}, paused ? "Resume" : "Pause"));
    }
    notice(down, status);
  }

  function notice(down, status) {
    const said =
      down && view !== "dashboard"
        ? `Spendlight does not answer. What you see is as of ${live.lastHeard ? clock(live.lastHeard) : "before"}; it comes back by itself.`
        : status && status.ledger_writable === false && view !== "dashboard"
          ? "The ledger cannot be written, so no call is recorded. See that its disk has room and that you may write to it."
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
    node: h("div", { class: "shell" }, bar, note, questions.node, main),
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
