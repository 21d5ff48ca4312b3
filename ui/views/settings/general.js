// Appearance, the time zone days start in, where the ledger is, and which version this is.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { bytes, calls } from "../../format.js";
import { all as zones, known } from "../../zone.js";
import { copyButton, segments, uid } from "../controls.js";
import { createFrame } from "./frame.js";
import { besideField, field } from "./fields.js";

export function createGeneral({ live, owner }) {
  const frame = createFrame("General", { owner });
  const list = uid("list");
  const appearance = segments({
    label: "Appearance",
    options: [
      ["system", "System"],
      ["light", "Light"],
      ["dark", "Dark"],
    ],
    value: "system",
    choose: chooseTheme,
  });
  const zone = field({ label: "Day starts in", hideLabel: true, list });
  const save = h("button", { class: "btn small", hidden: true, on: { click: saveZone } }, "Save");
  const path = h("p", { class: "mono copyable" }),
    size = h("span", { class: "num dim" });
  const foot = h("p", { class: "small faint" });
  let stored = "";
  zone.input.addEventListener("input", () => {
    zone.wrong("");
    set(save, "hidden", zone.value.trim() === stored);
  });
  zone.input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") saveZone();
  });
  frame.node.append(
    h(
      "div",
      { class: "card" },
      h("div", { class: "opt" }, h("div", {}, "Appearance"), appearance.node),
      h(
        "div",
        { class: "opt" },
        h("div", {}, "Day starts in", h("p", {}, "Every budget follows this zone unless it names its own.")),
        h("div", { class: "pair" }, zone.node, save),
      ),
    ),
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "opt" },
        h("div", {}, "Ledger", path),
        h(
          "div",
          { class: "pair" },
          size,
          copyButton(() => path.textContent, "Copy path"),
        ),
      ),
    ),
    foot,
    h(
      "datalist",
      { id: list },
      zones().map((value) => h("option", { value })),
    ),
  );

  /** The page changes at once and remembers; that it holds for every window is the owner's to say. */
  async function chooseTheme(next) {
    document.dispatchEvent(new CustomEvent("theme-choice", { detail: next }));
    if (api.mayChange()) await frame.run(() => api.putSettings({ theme: next }), "change settings");
  }

  async function saveZone() {
    const next = zone.value.trim();
    if (next && !known(next)) {
      zone.wrong("A name like Europe/Berlin or UTC, or nothing for this machine's own.");
      return zone.focus();
    }
    try {
      const wish = () => api.putSettings({ time_zone: next || "machine" });
      const saved = await owner.may(wish, { what: "change settings" });
      if (saved) showZone(saved);
    } catch (problem) {
      zone.wrong(besideField(problem));
    }
  }

  /** An empty field follows the machine, and says which zone that is. */
  function showZone(settings) {
    stored = settings.follows_machine ? "" : settings.time_zone;
    zone.value = stored;
    zone.input.placeholder = settings.follows_machine ? `${settings.time_zone}, this machine's` : "this machine's";
    set(save, "hidden", true);
  }

  return {
    node: frame.node,
    async show() {
      const settings = await frame.read(api.settings);
      if (!settings) return;
      showZone(settings);
      appearance.show(settings.theme);
      text(path, settings.data.ledger_path);
      text(size, bytes(settings.data.ledger_bytes));
      text(
        foot,
        `Spendlight ${live.status?.version ?? ""} · ${calls(settings.data.entries)} on record · no account, no telemetry`,
      );
    },
  };
}
