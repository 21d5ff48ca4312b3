// Calls that wait for their user's answer, over every view: what each wants, how long it still waits, and the three
// answers. What is open comes with the status; the words are made where the numbers are. Not here: what an answer does.
import * as api from "../api.js";
import { h, keyed, set, text } from "../dom.js";
import { amount, inDollars } from "../format.js";
import { shell as words, unitWord } from "../words.js";

const TICK_MS = 1000;

/** Whole seconds until then, counted down to 1: at 0 the server has ended it. */
export const left = (until, now = Date.now()) => Math.max(1, Math.ceil((Date.parse(until) - now) / 1000));

export function createQuestions({ live, owner }) {
  const list = h("div", { class: "stack" });
  const spoken = h("div", { class: "vh", role: "alert" });
  const node = h("section", { class: "notice", "aria-label": words.questions, hidden: true }, list);
  let ticking = null;

  function make(question) {
    const title = h("strong");
    const why = h("p");
    const seconds = h("span", { class: "num", "aria-hidden": "true" });
    const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
    const button = (label, kind, body) =>
      h("button", { class: `btn small${kind}`, on: { click: () => answer(body) } }, label);
    const raise = button("", "", { answer: "raise" });
    const buttons = [
      button(words.allowOnce, " primary", { answer: "allow_once" }),
      raise,
      button(words.deny, " ghost", { answer: "deny" }),
    ];

    async function answer(body) {
      const busy = (on) => buttons.forEach((one) => set(one, "disabled", on));
      busy(true);
      set(wrong, "hidden", true);
      try {
        await owner.may(() => api.answerQuestion(question.id, body), { what: words.may.answer });
      } catch (problem) {
        text(wrong, problem.message);
        set(wrong, "hidden", false);
      } finally {
        busy(false);
      }
      // What has become of the others is told with the status, which may be on its way already.
      api.status().then(live.take, () => {});
    }

    text(spoken, `${question.title}. ${question.text}`);
    return {
      node: h(
        "div",
        { class: "note question l-critical" },
        h("div", {}, title, why, wrong),
        h("div", { class: "acts" }, seconds, buttons),
      ),
      update(next) {
        question = next;
        text(title, next.title);
        text(why, next.text);
        const unit = next.standing.unit;
        text(raise, words.raiseTo(`${inDollars(() => amount(next.raise_to, unit))}${unitWord(unit)}`));
        text(seconds, words.seconds(left(next.expires_at)));
      },
    };
  }
  const follow = keyed(list, (question) => question.id, make);

  function draw() {
    const open = live.link === "down" ? [] : (live.status?.questions ?? []);
    follow(open);
    set(node, "hidden", open.length === 0);
    clearTimeout(ticking);
    if (open.length) ticking = setTimeout(draw, TICK_MS);
    else text(spoken, "");
  }

  live.on("status", draw);
  live.on("link", draw);
  return { node: h("div", {}, spoken, node) };
}
