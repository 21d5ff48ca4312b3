// The frame of the settings: its sections, each its own file, opened by the fragment.
// Everything shown here acts; what does not exist yet is not drawn.
import * as api from "../api.js";
import { h, icon, set } from "../dom.js";
import { settings as words } from "../words.js";
import { createBudgets } from "./settings/budgets.js";
import { createConnection } from "./settings/connection.js";
import { createData } from "./settings/data.js";
import { createGeneral } from "./settings/general.js";
import { createKeys } from "./settings/keys.js";
import { createNotifications } from "./settings/notifications.js";
import { createPrices } from "./settings/prices.js";

const SECTIONS = [
  ["budgets", "gauge", createBudgets],
  ["notifications", "bell", createNotifications],
  ["prices", "tag", createPrices],
  ["keys", "key", createKeys],
  ["connection", "plug", createConnection],
  ["data", "drum", createData],
  ["general", "sliders", createGeneral],
];

export function createSettings(context) {
  const { live, owner } = context;
  const links = new Map(
    SECTIONS.map(([key, picture]) => [key, h("a", { href: `#/settings/${key}` }, icon(picture), words.sections[key])]),
  );
  const lookOnly = h(
    "div",
    { class: "note", role: "note" },
    h("span", {}, words.lookOnly),
    h("span", { class: "spacer" }),
    h("button", { class: "btn small", on: { click: () => owner.askToken() } }, words.enterToken),
  );
  const pane = h("div", { class: "pane stack" }, lookOnly);
  const node = h("div", { class: "settings" }, h("nav", { "aria-label": words.title }, [...links.values()]), pane);
  const open = new Map();
  let shown = null,
    visible = false,
    missed = false;

  function rights() {
    set(lookOnly, "hidden", api.mayChange());
  }
  live.on("link", (link) => {
    if (link === "down") missed = true;
    else if (link === "open" && missed) {
      missed = false;
      if (visible) shown.show(new URLSearchParams());
    }
  });
  owner.onToken(() => {
    rights();
    shown?.show(new URLSearchParams());
  });

  return {
    node,
    show({ rest, params }) {
      const found = SECTIONS.find(([key]) => key === rest[0]) ?? SECTIONS[0];
      const [key, , create] = found;
      if (!open.has(key)) {
        const section = create(context);
        open.set(key, section);
        pane.append(section.node);
      }
      for (const [name, section] of open) set(section.node, "hidden", name !== key);
      for (const [name, link] of links) set(link, "aria-current", name === key && "page");
      rights();
      visible = true;
      shown = open.get(key);
      shown.show(params);
    },
    hide() {
      visible = false;
    },
    key: (event, more) => shown?.key?.(event, more) ?? false,
  };
}
