// The frame of the settings: its sections, each its own file, opened by the fragment.
// Everything shown here acts; what does not exist yet is not drawn.
import * as api from "../api.js";
import { h, icon, set } from "../dom.js";
import { createBudgets } from "./settings/budgets.js";
import { createConnection } from "./settings/connection.js";
import { createData } from "./settings/data.js";
import { createGeneral } from "./settings/general.js";
import { createKeys } from "./settings/keys.js";
import { createNotifications } from "./settings/notifications.js";
import { createPrices } from "./settings/prices.js";

const SECTIONS = [
  ["budgets", "Budgets", "gauge", createBudgets],
  ["notifications", "Notifications", "bell", createNotifications],
  ["prices", "Prices", "tag", createPrices],
  ["keys", "Keys", "key", createKeys],
  ["connection", "Connection", "plug", createConnection],
  ["data", "Data", "drum", createData],
  ["general", "General", "sliders", createGeneral],
];

export function createSettings(context) {
  const { live, owner } = context;
  const links = new Map(
    SECTIONS.map(([key, label, picture]) => [key, h("a", { href: `#/settings/${key}` }, icon(picture), label)]),
  );
  const lookOnly = h(
    "div",
    { class: "note", role: "note" },
    h("span", {}, "You can look but not change anything: this page does not have the owner's token yet."),
    h("span", { class: "spacer" }),
    h("button", { class: "btn small", on: { click: () => owner.askToken() } }, "Enter the token…"),
  );
  const pane = h("div", { class: "pane stack" }, lookOnly);
  const node = h("div", { class: "settings" }, h("nav", { "aria-label": "Settings" }, [...links.values()]), pane);
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
      const [key, , , create] = found;
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
