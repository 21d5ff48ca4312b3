// A glance: the state's sentence, a line for each budget, and Pause; everything else is one click away in the window.
// Not here: how a budget reads (meter.js) and what the state is (state.js).
import * as api from "../api.js";
import { fill, glyph, h, icon, keyed, set, text, vars } from "../dom.js";
import { providerClass } from "../kinds.js";
import { glance as words, shell } from "../words.js";
import { reading } from "./meter.js";
import { told } from "./state.js";

const LEVELS = ["ok", "warning", "critical", "exceeded", "paused"];
const budgetView = (id) => `#/dashboard?budget=${encodeURIComponent(id)}`;

/** Shows the window at a view; a browser has no window but this one. */
async function open(view) {
  try {
    await api.show(view);
    api.closeWindow();
  } catch {
    location.assign(`index.html${view}`);
  }
}

function createRow(first) {
  const name = h("span", { class: "name" }),
    figures = h("span", { class: "dim tab" }),
    pct = h("span"),
    bar = h("i", { class: "used" });
  const meter = h("div", { class: "meter", role: "meter", "aria-valuemin": "0" }, bar);
  const node = h(
    "li",
    {},
    h(
      "button",
      { type: "button", on: { click: () => open(budgetView(first.standing.budget)) } },
      name,
      figures,
      pct,
    ),
    meter,
  );
  return {
    node,
    update({ standing: s, quiet }) {
      const r = reading(s, { quiet });
      const loud = s.level === "ok" ? "" : ` l-${s.level}`;
      text(name, s.name);
      text(figures, `${r.used} ${r.limit}`);
      text(pct, r.percent);
      set(pct, "class", loud ? `pct lv${loud}` : "pct");
      set(meter, "class", `meter ${providerClass(s.scope.provider)}${loud}`);
      set(meter, "aria-label", s.name);
      set(meter, "aria-valuemax", s.limit);
      set(meter, "aria-valuenow", Math.min(s.used, s.limit));
      set(meter, "aria-valuetext", r.valuetext);
      vars(meter, { used: s.limit > 0 ? Math.min(100, (s.used / s.limit) * 100) : 100 });
    },
  };
}

export function createGlance({ live, owner }) {
  let picture = glyph("ok");
  const sentence = h("h1"),
    reason = h("p");
  const head = h(
    "div",
    { class: "state", role: "status" },
    picture,
    h("div", {}, sentence, reason),
  );
  const list = h("ul", { "aria-label": words.budgets });
  const none = h("p", { class: "small faint", hidden: true }, words.noBudget);
  const news = h("button", { type: "button", class: "btn small news", hidden: true, on: { click: showNews } });
  const pause = h("button", { type: "button", class: "btn", hidden: true, on: { click: togglePause } });
  const main = h("button", { type: "button", class: "btn primary", on: { click: () => open("#/dashboard") } }, words.open);
  const node = h(
    "main",
    { class: "glance" },
    head,
    list,
    none,
    news,
    h("footer", {}, pause, h("span", { class: "spacer" }), main),
  );
  const drawRows = keyed(list, (row) => row.standing.budget, createRow);
  let drawn = "";

  const paused = () => live.status?.state === "paused";
  function togglePause() {
    const resumes = paused();
    owner.may(async () => live.take(await (resumes ? api.resume() : api.pause())), {
      field: pause,
      what: resumes ? shell.may.resume : shell.may.pause,
    });
  }
  const asked = () => live.status?.questions.length ?? 0;
  function showNews() {
    open(asked() ? "#/dashboard" : "#/alerts");
  }

  function draw() {
    const now = told(live);
    const { status } = live;
    for (const name of LEVELS) head.classList.toggle(`l-${name}`, name === now.level);
    text(sentence, now.sentence);
    text(reason, now.reason);
    const look = `${now.level} ${paused()}`;
    if (look !== drawn) {
      drawn = look;
      picture.replaceWith((picture = glyph(now.level)));
      fill(pause, icon(paused() ? "play" : "pause"), paused() ? shell.resume : shell.pause);
    }
    if (!status) return;
    const quiet = paused() || live.link === "down";
    drawRows(status.budgets.map((standing) => ({ standing, quiet })));
    set(none, "hidden", status.budgets.length > 0);
    const said = asked() ? words.questions(asked()) : status.alerts_new ? words.alerts(status.alerts_new) : "";
    text(news, said);
    set(news, "hidden", !said);
    set(pause, "hidden", live.link === "down");
  }

  live.on("status", draw);
  live.on("link", draw);
  draw();
  return { node };
}
