// Starts the pages: one shell, one line to the server, and the view the fragment names.
// Views are built when first asked for and told when they are shown and hidden. Not here: what any view draws.
import * as api from "./api.js";
import { h } from "./dom.js";
import { listenToKeys } from "./keys.js";
import { createLive } from "./live.js";
import { shell as words } from "./words.js";
import { createAlerts } from "./views/alerts.js";
import { createDashboard } from "./views/dashboard.js";
import { createHistory } from "./views/history.js";
import { createOwner } from "./views/owner.js";
import { createSettings } from "./views/settings.js";
import { createShell } from "./views/shell.js";

const makers = { dashboard: createDashboard, history: createHistory, alerts: createAlerts, settings: createSettings };
const views = new Map();
let shown = null;

const live = createLive();
const owner = createOwner();
const context = {
  live,
  owner,
  go: (fragment) => {
    location.hash = fragment;
  },
};
const shell = createShell(context);
document.body.append(shell.node, owner.node);

/** "#/settings/budgets?edit=a" → {view, rest: ["budgets"], params}. */
function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = path.split("/");
  return { view: view in makers ? view : "dashboard", rest, params: new URLSearchParams(query) };
}

function show() {
  const next = route();
  if (!views.has(next.view)) {
    const view = makers[next.view](context);
    view.node.hidden = true;
    views.set(next.view, view);
    shell.main.append(view.node);
  }
  const view = views.get(next.view);
  if (shown !== view) {
    if (shown) {
      shown.scroll = scrollY;
      shown.node.hidden = true;
      shown.hide?.();
    }
    view.node.hidden = false;
    document.title = next.view === "dashboard" ? words.app : words.titled(words.views[next.view]);
    shell.current(next.view);
    shown = view;
    scrollTo(0, view.scroll ?? 0);
  }
  view.show(next);
}

addEventListener("hashchange", show);
api.onNavigate((fragment) => {
  location.hash = fragment;
});
listenToKeys({ go: context.go, view: () => shown, togglePause: shell.togglePause });
live.start();
show();

// The setting is the ledger's; this page may have been painted from what an earlier one remembered.
const unheard = live.on("status", () => {
  unheard();
  if (!api.mayChange()) return; // whoever only looks keeps their own theme
  api.settings().then(
    ({ theme }) => document.dispatchEvent(new CustomEvent("theme-choice", { detail: theme })),
    () => {},
  );
});

const skip = h(
  "a",
  {
    class: "skip",
    href: "#main",
    on: {
      click: (event) => {
        event.preventDefault();
        shell.main.focus();
      },
    },
  },
  words.skip,
);
document.body.prepend(skip);
