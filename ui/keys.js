// The keyboard map that holds in every view. A view has its own keys in `key(event)`, asked first; it answers true
// when it took one.
import { closeWindow } from "./api.js";

const GO = { 1: "#/dashboard", 2: "#/history", 3: "#/alerts", ",": "#/settings" };
const typing = (node) =>
  node instanceof HTMLElement && (node.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName));

export function listenToKeys({ go, view, togglePause }) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const command = event.ctrlKey || event.metaKey;
    const taken = handle(event, command);
    if (taken) event.preventDefault();
  });

  function handle(event, command) {
    if (command && !event.altKey) {
      if (!event.shiftKey && event.key in GO) return (go(GO[event.key]), true);
      if (event.shiftKey && event.key.toLowerCase() === "p") return (togglePause(), true);
      if (!event.shiftKey && event.key.toLowerCase() === "f" && view()?.search) return (view().search(), true);
    }
    const inField = typing(event.target);
    if (event.key === "/" && !command && !inField) {
      if (view()?.search) return (view().search(), true);
      return false;
    }
    if (view()?.key?.(event, { command, inField })) return true;
    if (event.key === "Escape") {
      if (inField) event.target.blur();
      else closeWindow();
      return inField;
    }
    return false;
  }
}

/** ↑ ↓ Home End among the elements of a list that can take focus. */
export function moveFocus(event, nodes) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (!(event.key in steps) && event.key !== "Home" && event.key !== "End") return false;
  const at = nodes.indexOf(document.activeElement);
  const to =
    event.key === "Home"
      ? 0
      : event.key === "End"
        ? nodes.length - 1
        : Math.min(nodes.length - 1, Math.max(0, at + steps[event.key]));
  nodes[to]?.focus();
  nodes[to]?.scrollIntoView({ block: "nearest" });
  return nodes.length > 0;
}
