// Starts the small window that the tray's light opens: one line to the server, and one view. Not here: any other view;
// they are in Spendlight's own window, which this one opens.
import * as api from "./api.js";
import { createLive } from "./live.js";
import { createGlance } from "./views/glance.js";
import { createOwner } from "./views/owner.js";
import { glance as words } from "./words.js";

document.title = words.title;
const live = createLive();
const owner = createOwner();
document.body.append(createGlance({ live, owner }).node, owner.node);

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) api.closeWindow();
});
live.on("settings", ({ theme }) => {
  if (api.mayChange()) document.dispatchEvent(new CustomEvent("theme-choice", { detail: theme }));
});
live.start();
