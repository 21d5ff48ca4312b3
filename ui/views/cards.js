// The budgets, one card for each provider or scope: OpenAI and Gemini first, then whoever else has a budget, "All
// calls" last. Cards keep their place while figures change. Not here: a budget's own line (meter.js), and changing a
// budget (settings).
import { fill, glyph, h, icon, keyed, set, swatch, text } from "../dom.js";
import { total } from "../format.js";
import { createLine } from "./meter.js";
import { WINDOWS, providerClass, worst } from "../kinds.js";
import { dashboard as words, level as levelWord, scope as scopeName } from "../words.js";

const FIRST = ["openai", "gemini"];
const key = (scope) => ["provider", "model", "project", "user", "key"].map((part) => scope[part] ?? "").join("\u0000");

/** Standings → cards: [{key, title, provider, alone, standings}], lines sorted shortest window first. */
export function grouped(standings) {
  const groups = new Map();
  for (const provider of FIRST)
    groups.set(key({ provider }), {
      key: key({ provider }),
      title: scopeName({ provider }),
      provider,
      alone: true,
      standings: [],
    });
  for (const standing of standings) {
    const at = key(standing.scope);
    const { provider, ...rest } = standing.scope;
    const alone = Boolean(provider) && Object.values(rest).every((part) => !part);
    if (!groups.has(at)) groups.set(at, { key: at, title: scopeName(standing.scope), provider, alone, standings: [] });
    groups.get(at).standings.push(standing);
  }
  const rank = (group) => {
    const first = FIRST.indexOf(group.provider);
    if (group.alone) return first >= 0 ? first : 2;
    return group.key === key({}) ? 4 : 3;
  };
  const sorted = [...groups.values()].sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title));
  for (const group of sorted)
    group.standings.sort(
      (a, b) => WINDOWS.indexOf(a.window.kind) - WINDOWS.indexOf(b.window.kind) || a.name.localeCompare(b.name),
    );
  return sorted;
}

/** A card's own word, by its fullest budget: {level, word}. */
export function mark(standings, paused) {
  if (paused) return { level: "paused", word: levelWord("paused") };
  const level = worst(standings.map((s) => s.level));
  // Nothing is over, and still the next call is denied.
  const denies = (s) => s.action !== "warn" && s.reserved > 0 && s.remaining <= s.buffer;
  const isHeld = level !== "exceeded" && standings.some(denies);
  return isHeld ? { level: worst([level, "warning"]), word: words.restReserved } : { level, word: levelWord(level) };
}

function createUnlimited() {
  const spent = h("b", {}, "$0");
  const link = h("a", {}, words.setDailyLimit);
  const node = h(
    "div",
    { class: "line" },
    h(
      "div",
      { class: "top" },
      h("span", { class: "when" }, words.today),
      spent,
      h("span", { class: "dim" }, words.noDailyLimit),
    ),
    h("div", { class: "empty" }),
    h("div", { class: "sub" }, link),
  );
  return {
    node,
    update({ provider, spentToday }) {
      set(link, "href", `#/settings/budgets?new=day&provider=${encodeURIComponent(provider)}`);
      text(spent, spentToday === undefined ? "" : total(spentToday));
    },
  };
}

function createCard(group) {
  const badge = h("span");
  const lines = h("div");
  const draw = keyed(
    lines,
    (line) => line.id,
    (line) => (line.standing ? createLine(line) : createUnlimited()),
  );
  const node = h(
    "article",
    { class: "card budget", "aria-label": group.title },
    h("header", {}, swatch(providerClass(group.provider)), h("h2", { title: group.title }, group.title), badge),
    lines,
  );
  let shown = "",
    parts = new Map();
  function update({ standings, provider, alone, mood, spentToday }) {
    const { level, word } = mark(standings, mood.paused);
    const look = mood.stale ? words.asOf(mood.stale) : standings.length ? `${level} ${word}` : "";
    if (look !== shown) {
      shown = look;
      set(badge, "class", mood.stale ? "faint small" : standings.length ? `level l-${level}` : null);
      const spoken = word !== levelWord(level) && h("span", { class: "vh" }, `${levelWord(level)}: `);
      fill(badge, mood.stale ? words.asOf(mood.stale) : standings.length ? [glyph(level, ""), spoken, word] : null);
    }
    const list = standings.map((standing) => ({
      id: standing.budget,
      standing,
      quiet: mood.paused || Boolean(mood.stale),
      stale: Boolean(mood.stale),
    }));
    if (alone && !standings.some((s) => s.window.kind === "day"))
      list.unshift({ id: "unlimited", provider, spentToday });
    parts = draw(list);
  }
  return { node, update, line: (id) => parts.get(id) };
}

export function createCards() {
  const node = h("section", { class: "cards", "aria-label": words.budgets });
  const draw = keyed(node, (group) => group.key, createCard);
  const invitation = h(
    "article",
    { class: "card invite", "aria-label": words.anotherBudget, hidden: true },
    h("span", { class: "dim" }, words.anythingElse),
    h("a", { class: "btn small", href: "#/settings/budgets?new=day" }, icon("plus"), words.addBudget),
  );
  node.append(invitation);
  let parts = new Map();
  return {
    node,
    /** mood: {paused, stale: "14:22" | null}; spentToday: provider → dollars, or null while unknown. */
    update(standings, mood, spentToday) {
      node.classList.toggle("is-paused", mood.paused);
      node.classList.toggle("is-stale", Boolean(mood.stale));
      const groups = grouped(standings.filter((s) => s.enabled !== false));
      set(invitation, "hidden", groups.length > FIRST.length || Boolean(mood.stale));
      parts = draw(
        groups.map((group) => ({
          ...group,
          mood,
          spentToday: spentToday ? (spentToday.get(group.provider) ?? 0) : undefined,
        })),
      );
    },
    /** Brings one budget before the reader's eyes; false when it is not (yet) there. */
    reveal(id) {
      for (const card of parts.values()) {
        const line = card.line(id);
        if (!line) continue;
        card.node.scrollIntoView({ block: "center" });
        line.focus();
        card.node.classList.add("is-target");
        setTimeout(() => card.node.classList.remove("is-target"), 2500);
        return true;
      }
      return false;
    },
  };
}
