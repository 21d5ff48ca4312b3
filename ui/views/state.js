// The answer first: one sentence, one line of reason, at most one action. The sentence is made where the numbers are
// and only shown here; the exception is the state nobody else can tell: that there is no answer. A screen reader hears
// it at most once a minute unless the level changes, so the spoken copy lives apart from the seen one.
import { resume, tryPort } from "../api.js";
import { fill, glyph, h, icon, set, text } from "../dom.js";
import { clock } from "../format.js";
import { worst } from "../kinds.js";
import { shell as words } from "../words.js";

const SPEAK_MS = 60_000;

/** The state as it is now: {level, sentence, reason, action}. */
export function told({ status, link, retryAt, lastHeard }) {
  if (link === "down") {
    return {
      level: "exceeded",
      sentence: words.down,
      action: "retry",
      reason: words.downHint(status ? clock(lastHeard) : null, Boolean(retryAt)),
    };
  }
  if (!status) return { level: "ok", sentence: words.connectingTitle, reason: "", action: null };
  const level =
    status.state === "paused"
      ? "paused"
      : status.state === "ok"
        ? worst(status.budgets.map((s) => s.level))
        : status.state;
  return { level, sentence: status.sentence, reason: status.reason, action: status.action };
}

export function createState({ live, owner, go }) {
  let picture = glyph("ok");
  const sentence = h("h1");
  const reason = h("p");
  const acts = h("div", { class: "acts" });
  const polite = h("div", { class: "vh", role: "status", "aria-live": "polite" });
  const alarm = h("div", { class: "vh", role: "alert" });
  const seen = h("section", { class: "state", "aria-label": words.state }, picture, h("div", {}, sentence, reason), acts);
  let spokenAt = -Infinity,
    spokenLevel = null,
    drawn = "";

  function speak(level, said) {
    if (level === spokenLevel && performance.now() - spokenAt < SPEAK_MS) return;
    spokenAt = performance.now();
    spokenLevel = level;
    text(level === "exceeded" ? polite : alarm, "");
    text(level === "exceeded" ? alarm : polite, said);
  }

  function action(kind) {
    if (kind === "retry") return h("button", { class: "btn", on: { click: () => live.retry() } }, words.retry);
    if (kind === "listen") {
      const run = () => owner.may(tryPort, { what: words.may.listen });
      return h("button", { class: "btn", on: { click: run } }, words.retry);
    }
    if (kind === "resume") {
      const run = () => owner.may(async () => live.take(await resume()), { what: words.may.resume });
      return h("button", { class: "btn primary", on: { click: run } }, icon("play"), words.resume);
    }
    if (kind === "raise") {
      const raise = () => go(`#/settings/budgets?raise=${encodeURIComponent(live.status.budget ?? "")}`);
      return h("button", { class: "btn", on: { click: raise } }, words.raise);
    }
    return null;
  }

  return {
    node: h("div", {}, seen, polite, alarm),
    update() {
      const next = told(live);
      for (const name of ["ok", "warning", "critical", "exceeded", "paused"])
        seen.classList.toggle(`l-${name}`, name === next.level);
      text(sentence, next.sentence);
      text(reason, next.reason ?? "");
      const look = `${next.level} ${next.action}`;
      if (look !== drawn) {
        drawn = look;
        picture.replaceWith((picture = glyph(next.level)));
        fill(acts, action(next.action));
        set(acts, "hidden", !next.action);
      }
      if (live.status || live.link === "down") speak(next.level, `${next.sentence}. ${next.reason ?? ""}`);
    },
  };
}
