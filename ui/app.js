// Starts the pages: one shell, one line to the server, and the view the fragment names.
// Views are built when first asked for and told when they are shown and hidden; all but the dashboard are fetched once it
// stands there, so that nobody waits for what is not looked at. Not here: what any view draws.
import * as api from "./api.js";
import { h } from "./dom.js";
import { rateOf } from "./format.js";
import { listenToKeys } from "./keys.js";
import { createLive } from "./live.js";
import { shell as words } from "./words.js";
import { createDashboard } from "./views/dashboard.js";
import { createOwner } from "./views/owner.js";
import { createShell } from "./views/shell.js";

/** How long the first view has the line to itself. */
const OTHERS_MS = 500;

const makers = { dashboard: createDashboard };
const others = {
  history: async () => (await import("./views/history.js")).createHistory,
  alerts: async () => (await import("./views/alerts.js")).createAlerts,
  settings: async () => (await import("./views/settings.js")).createSettings,
};
const fetchView = async (name) => (makers[name] ??= await others[name]());
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
  return { view: view in others ? view : "dashboard", rest, params: new URLSearchParams(query) };
}

function show() {
  const next = route();
  if (!(next.view in makers)) {
    // Whoever has gone elsewhere by then is shown that. Where nobody answers, the bar says so.
    fetchView(next.view).then(show, () => {});
    return;
  }
  if (!views.has(next.view)) {
    const hears = within(live);
    const view = makers[next.view]({ ...context, live: hears.live });
    view.node.hidden = true;
    view.silence = hears.silence;
    views.set(next.view, view);
    hears.catchUp();
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

/** What is live, for one view: it can be told at once what it has missed, and all it hears can be ended. */
function within(live) {
  const heard = [];
  const on = (name, hear) => {
    const end = live.on(name, hear);
    heard.push([name, hear, end]);
    return end;
  };
  return {
    live: Object.create(live, { on: { value: on } }),
    catchUp() {
      if (!live.status) return;
      for (const [name, hear] of heard) {
        if (name === "link") hear(live.link);
        if (name === "status") hear(live.status);
      }
    },
    silence: () => heard.forEach(([, , end]) => end()),
  };
}

/** Builds the views anew, because every amount in them is written otherwise; settings that are open have none. */
function rebuild() {
  for (const [name, view] of views) {
    if (name === "settings" && view === shown) continue;
    view.hide?.();
    view.silence();
    view.node.remove();
    views.delete(name);
    if (view === shown) shown = null;
  }
  if (!shown) show();
}

addEventListener("hashchange", show);
api.onNavigate((fragment) => {
  location.hash = fragment;
});
// Before any view hears of it: what they draw then is written in what it says.
let written = rateOf(null);
live.on("status", ({ currency }) => {
  const now = rateOf(currency);
  if (now !== written) rebuild();
  written = now;
});

listenToKeys({ go: context.go, view: () => shown, togglePause: shell.togglePause });
live.on("link", (link) => {
  if (link === "open" && shown !== views.get(route().view)) show();
});
live.start();
show();

// The setting is the ledger's; this page may have been painted from what an earlier one remembered, and another window
// may change it.
function obey({ theme }) {
  if (!api.mayChange()) return; // whoever only looks keeps their own theme
  document.dispatchEvent(new CustomEvent("theme-choice", { detail: theme }));
}
const unheard = live.on("status", () => {
  unheard();
  setTimeout(() => Object.keys(others).forEach((name) => fetchView(name).catch(() => {})), OTHERS_MS);
  api.settings().then(obey, () => {});
});
live.on("settings", obey);

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
