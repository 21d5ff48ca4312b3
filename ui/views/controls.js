// The small parts every view is made of: choose one, choose from a list, on or off, copy.
// They hold no state of their own: the caller is told, and sets them.
import { copy } from "../api.js";
import { fill, h, icon, set, text } from "../dom.js";
import { shell as words } from "../words.js";

/** A segmented control: [[value, label]…]; arrow keys move, as in a group of radio buttons. */
export function segments({ label, options, value, choose }) {
  const buttons = options.map(([key, name]) =>
    h(
      "button",
      {
        type: "button",
        role: "radio",
        on: { click: () => pick(key) },
      },
      name,
    ),
  );
  const node = h("div", { class: "seg", role: "radiogroup", "aria-label": label, on: { keydown: move } }, buttons);
  let chosen;

  function show(next) {
    chosen = next;
    options.forEach(([key], i) => {
      set(buttons[i], "aria-checked", String(key === next));
      buttons[i].tabIndex = key === next ? 0 : -1;
    });
    if (!options.some(([key]) => key === next)) buttons[0].tabIndex = 0;
  }
  function pick(next) {
    if (next === chosen) return;
    show(next);
    choose(next);
  }
  function move(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = options.findIndex(([key]) => key === chosen);
    const to = (at + step + options.length) % options.length;
    pick(options[to][0]);
    buttons[to].focus();
  }
  show(value);
  return {
    node,
    show,
    get value() {
      return chosen;
    },
  };
}

/** A native list in our clothes: options [[value, label]…]. */
export function select({ label, options, value, choose, large = false, id }) {
  const list = h("select", { "aria-label": label, id, on: { change: () => choose?.(list.value) } });
  const node = h("span", { class: large ? "input pick" : "select pick" }, list, icon("chev"));
  let known = "";
  function offer(next, chosen = list.value) {
    const key = JSON.stringify(next);
    if (key !== known) {
      known = key;
      fill(
        list,
        next.map(([option, name]) => h("option", { value: option }, name)),
      );
    }
    list.value = chosen;
  }
  offer(options, value);
  return {
    node,
    list,
    offer,
    get value() {
      return list.value;
    },
    set value(next) {
      list.value = next;
    },
  };
}

/** A switch that acts at once; `turn(on)` may refuse by throwing, and then it stays as it was. */
export function toggle({ label, on, turn }) {
  const node = h("button", {
    type: "button",
    class: "switch",
    role: "switch",
    "aria-label": label,
    "aria-checked": String(on),
    on: { click: flip },
  });
  async function flip() {
    const next = node.getAttribute("aria-checked") !== "true";
    show(next);
    set(node, "disabled", true);
    try {
      if ((await turn(next)) === undefined) show(!next);
    } catch {
      show(!next);
    } finally {
      set(node, "disabled", false);
      node.focus();
    }
  }
  const show = (next) => set(node, "aria-checked", String(next));
  return { node, show };
}

/** Copies what `what()` says; the button itself tells that it did. */
export function copyButton(what, label = words.copy, { iconOnly = false } = {}) {
  const face = h("span", { class: iconOnly ? "vh" : null, "aria-live": "polite" }, label);
  const picture = h("span", { class: "pic" }, icon("copy"));
  const node = h(
    "button",
    {
      type: "button",
      class: `btn small${iconOnly ? " icon square" : ""}`,
      title: iconOnly ? label : null,
      on: { click: run },
    },
    picture,
    face,
  );
  let timer = null;
  async function run() {
    try {
      await copy(what());
      text(face, words.copiedIt);
      fill(picture, icon("check"));
    } catch {
      text(face, words.notCopied);
    }
    clearTimeout(timer);
    timer = setTimeout(() => {
      text(face, label);
      fill(picture, icon("copy"));
    }, 1500);
  }
  return node;
}

let serial = 0;
export const uid = (stem) => `${stem}-${(serial += 1)}`;
