// Putting a backup in the ledger's place: name it, see what is in it and what it lacks, and only then say so. It happens
// at the next start; until then it can be taken back.
import * as api from "../../api.js";
import { fill, h, set, text } from "../../dom.js";
import { data as words } from "../../words.js";
import { uid } from "../controls.js";
import { besideField, field } from "./fields.js";

/** `changed()` hears when something lies ready, or no more. */
export function createRestore({ owner, frame, changed }) {
  const known = h("datalist", { id: uid("backups") });
  const file = field({ label: words.backupFile, placeholder: words.backupFileHint, list: known.id });
  const check = h("button", { class: "btn small", type: "submit" }, words.check);
  const choose = api.inWindow && h("button", { class: "btn small", type: "button", on: { click: pick } }, words.choose);
  const verdict = h("div", { class: "note stack", role: "status", hidden: true });
  const asks = h("div", { class: "ends" }, choose, check);
  const form = h("form", { class: "editor", on: { submit } }, file.node, verdict, asks);
  const was = h("p", { hidden: true });
  const note = h("div", { class: "note l-warning stack", role: "status" });
  const ready = h("div", { class: "padded", hidden: true }, note);
  const node = h(
    "div",
    { class: "card" },
    h("div", { class: "opt" }, h("div", {}, words.restore, h("p", {}, words.restoreHint), was)),
    ready,
    form,
    known,
  );

  let folder = "";

  function forget() {
    set(verdict, "hidden", true);
    set(asks, "hidden", false);
    fill(verdict);
  }
  file.input.addEventListener("input", forget);

  /** What is chosen is checked at once. */
  async function pick() {
    set(choose, "disabled", true);
    const chosen = await api.chooseFile(words.chooseTitle, folder).catch(() => null);
    set(choose, "disabled", false);
    if (!chosen) return choose.focus();
    forget();
    file.value = chosen;
    form.requestSubmit();
  }

  async function submit(event) {
    event.preventDefault();
    const name = file.value.trim();
    if (!name) {
      file.wrong(words.noFile);
      return file.focus();
    }
    for (const button of [check, choose]) if (button) set(button, "disabled", true);
    text(check, words.checking);
    try {
      const found = await owner.may(() => api.checkBackup(name), { what: words.may.restore });
      // Another may have been named meanwhile.
      if (found && file.value.trim() === name) offer(name, found);
    } catch (problem) {
      file.wrong(besideField(problem));
      file.focus();
    } finally {
      for (const button of [check, choose]) if (button) set(button, "disabled", false);
      text(check, words.check);
    }
  }

  function offer(name, found) {
    const cancel = h("button", { class: "btn small ghost", type: "button" }, words.cancel);
    const go = h("button", { class: "btn small danger", type: "button" }, words.restoreAtStart);
    cancel.addEventListener("click", () => {
      forget();
      check.focus();
    });
    go.addEventListener("click", async () => {
      set(go, "disabled", true);
      const staged = await frame.run(() => api.restoreBackup(name), words.may.restore);
      set(go, "disabled", false);
      if (!staged) return;
      forget();
      file.value = "";
      await changed();
    });
    fill(verdict, h("span", {}, words.sound(found)), h("div", { class: "ends" }, cancel, go));
    set(verdict, "hidden", false);
    set(asks, "hidden", true);
    cancel.focus();
  }

  async function keep() {
    if (await frame.run(api.keepLedger, words.may.restore)) await changed();
  }

  return {
    node,
    update({ backups, to_restore: staged, restored }) {
      ({ folder } = backups);
      fill(
        known,
        backups.files.map((value) => h("option", { value })),
      );
      set(form, "hidden", Boolean(staged));
      set(ready, "hidden", !staged);
      if (staged) {
        const stay = h("button", { class: "btn small", type: "button", on: { click: keep } }, words.keepLedger);
        fill(note, h("span", {}, words.atNextStart(staged)), h("div", { class: "ends" }, stay));
      }
      set(was, "hidden", !restored);
      text(was, restored ? words.wasRestored(restored) : "");
    },
    close() {
      const open = !verdict.hidden;
      if (open) {
        forget();
        file.focus();
      }
      return open;
    },
  };
}
