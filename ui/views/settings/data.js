// The ledger as a file: where it is and what it holds, its backups, and a backup that takes its place. Only the owner
// sees it at all.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { data as words, exporting as exportWords } from "../../words.js";
import { copyButton } from "../controls.js";
import { createExport } from "../exporting.js";
import { createFrame } from "./frame.js";
import { createSchedule } from "./schedule.js";
import { createRestore } from "./restore.js";
import { createRetention } from "./retention.js";

/** How often a backup is looked after that is being made. */
const LOOK_MS = 500;

export function createData({ owner }) {
  const frame = createFrame(words.title, { owner });
  const path = h("p", { class: "mono copyable" }),
    holds = h("p"),
    last = h("p", { role: "status" }),
    folder = h("p", { class: "copyable" });
  const why = h("p", { class: "note l-exceeded", role: "alert" });
  const failed = h("div", { class: "padded", hidden: true }, why);
  const backUp = h("button", { class: "btn small", on: { click: make } }, words.backUpNow);
  const schedule = createSchedule({ frame, changed: load });
  let holding = null;
  const exporting = createExport({ owner, filter: () => ({}), entries: () => holding });
  const retention = createRetention({ frame, changed: load });
  const restore = createRestore({ owner, frame, changed: load });
  const cards = [
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "opt" },
        h("div", {}, words.ledger, path, holds),
        copyButton(() => path.textContent, words.copyPath),
      ),
    ),
    h(
      "div",
      { class: "card" },
      h("div", { class: "opt" }, h("div", {}, words.backups, last, folder), backUp),
      failed,
      schedule.node,
    ),
    restore.node,
    h("div", { class: "card" }, h("div", { class: "opt" }, h("div", {}, exportWords.title, h("p", {}, exportWords.everything))), exporting.node),
    retention.node,
  ];
  frame.node.append(...cards);
  let looking = null;

  /** Looks after a backup, or calls that are taken out, until it is over, whoever has asked for it. */
  function follow(progress, isGoing = false) {
    clearTimeout(looking);
    set(backUp, "disabled", progress !== null);
    if (progress !== null || isGoing) looking = setTimeout(load, LOOK_MS);
  }

  async function make() {
    set(backUp, "disabled", true);
    looking = setTimeout(load, LOOK_MS);
    // How it came out stands with the backups, also where the answer does not come in time.
    const wish = () => api.backUp().catch((problem) => problem instanceof api.Unreachable || Promise.reject(problem));
    await frame.run(wish, words.may.backUp);
    await load();
    backUp.focus();
  }

  async function load() {
    const answer = await frame.read(api.data);
    if (!answer) return follow(null);
    const { ledger, backups } = answer;
    if (answer.not_restored) frame.tell(answer.not_restored);
    text(path, ledger.path);
    text(holds, words.holds(ledger));
    holding = ledger.entries;
    exporting.offer();
    text(last, words.lastBackup(backups));
    text(folder, words.keptIn(backups.folder));
    set(failed, "hidden", !backups.failed);
    text(why, backups.failed ? words.failedBackup(backups.failed) : "");
    schedule.update(backups);
    retention.update(answer);
    restore.update(answer);
    follow(backups.progress, answer.retention.entries > 0);
  }

  return {
    node: frame.node,
    async show() {
      for (const card of cards) set(card, "hidden", !api.mayChange());
      if (!api.mayChange()) return;
      exporting.show();
      await load();
    },
    key: (event) => event.key === "Escape" && (retention.close() || restore.close()),
  };
}
