// Appearance, how Spendlight starts, the time zone days start in, the currency, where the ledger is, and which version this is.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { bytes } from "../../format.js";
import { all as zones, known } from "../../zone.js";
import { settings as words } from "../../words.js";
import { copyButton, segments, toggle, uid } from "../controls.js";
import { createCurrency } from "./currency.js";
import { createFrame } from "./frame.js";
import { besideField, field } from "./fields.js";
import { card, option } from "./options.js";

export function createGeneral({ live, owner }) {
  const frame = createFrame(words.sections.general, { owner });
  const list = uid("list");
  const appearance = segments({
    label: words.appearance,
    options: ["system", "light", "dark"].map((theme) => [theme, words.themes[theme]]),
    value: "system",
    choose: chooseTheme,
  });
  const zone = field({ label: words.dayStarts, hideLabel: true, list });
  const save = h("button", { class: "btn small", hidden: true, on: { click: saveZone } }, words.save);
  const switches = new Map(
    [
      ["start_at_login", words.atLogin],
      ["start_hidden", words.startHidden],
    ].map(([key, label]) => [key, toggle({ label, on: false, turn: (on) => start(key, on) })]),
  );
  const starts = card(
    option(words.atLogin, words.atLoginHint, switches.get("start_at_login").node),
    option(words.startHidden, words.startHiddenHint, switches.get("start_hidden").node),
  );
  const noTray = h("p", { class: "small faint", hidden: true }, words.noTray);
  const currency = createCurrency({ owner });
  const path = h("p", { class: "mono copyable" }),
    size = h("span", { class: "num dim" });
  const foot = h("p", { class: "small faint" });
  let entries = null;

  /** Which version this is comes with the status, which may be later than the settings. */
  function sign() {
    if (live.status && entries !== null) text(foot, words.about(live.status.version, entries));
  }
  live.on("status", sign);
  let stored = "";
  zone.input.addEventListener("input", () => {
    zone.wrong("");
    set(save, "hidden", zone.value.trim() === stored);
  });
  zone.input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") saveZone();
  });
  frame.node.append(
    card(
      option(words.appearance, null, appearance.node),
      option(words.dayStarts, words.dayStartsHint, h("div", { class: "pair" }, zone.node, save)),
      currency.node,
    ),
    starts,
    noTray,
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "opt" },
        h("div", {}, words.ledger, path),
        h(
          "div",
          { class: "pair" },
          size,
          copyButton(() => path.textContent, words.copyPath),
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
    if (api.mayChange()) await frame.run(() => api.putSettings({ theme: next }), words.mayChange);
  }

  async function start(key, on) {
    const saved = await frame.run(() => api.putSettings({ [key]: on }), words.mayChange);
    if (saved) showStart(saved);
    return saved;
  }

  async function saveZone() {
    const next = zone.value.trim();
    if (next && !known(next)) {
      zone.wrong(words.noZone);
      return zone.focus();
    }
    try {
      const wish = () => api.putSettings({ time_zone: next || "machine" });
      const saved = await owner.may(wish, { what: words.mayChange });
      if (saved) showZone(saved);
    } catch (problem) {
      zone.wrong(besideField(problem));
    }
  }

  /** An empty field follows the machine, and says which zone that is. */
  function showZone(settings) {
    stored = settings.follows_machine ? "" : settings.time_zone;
    zone.value = stored;
    zone.input.placeholder = settings.follows_machine ? words.machineZoneIs(settings.time_zone) : words.machineZone;
    set(save, "hidden", true);
  }

  /** Where nobody can start it at login there is nothing to switch. */
  function showStart(settings) {
    const without = settings.start_at_login === null;
    set(starts, "hidden", without);
    set(noTray, "hidden", !without);
    for (const [key, one] of switches) one.show(Boolean(settings[key]));
  }

  return {
    node: frame.node,
    async show() {
      const settings = await frame.read(api.settings);
      if (!settings) return;
      showZone(settings);
      showStart(settings);
      currency.show(settings);
      appearance.show(settings.theme);
      text(path, settings.data.ledger_path);
      text(size, bytes(settings.data.ledger_bytes));
      entries = settings.data.entries;
      sign();
    },
  };
}
