// Asks for the owner's token when the server wants one, and then does what was asked for.
// In Spendlight's own window nothing is ever asked: its door does not touch the network.
import * as api from "../api.js";
import { h, set, text } from "../dom.js";
import { shell } from "../words.js";

const { may: what, owner: words } = shell;

export function createOwner() {
  const why = h("p", { class: "dim" });
  const wrong = h("p", { class: "wrong", id: "token-wrong", role: "alert", hidden: true });
  const input = h("input", {
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "token-wrong",
    id: "token",
  });
  const form = h(
    "form",
    { method: "dialog", on: { submit } },
    h("h2", { id: "token-title" }, words.title),
    why,
    h(
      "p",
      { class: "dim" },
      words.how[0],
      h("code", {}, "spendlight token"),
      words.how[1],
      h("code", {}, "spendlight serve"),
      words.how[2],
    ),
    h(
      "div",
      { class: "field" },
      h("label", { for: "token" }, words.token),
      h("div", { class: "input" }, input),
      wrong,
    ),
    h(
      "div",
      { class: "acts" },
      h("button", { class: "btn small ghost", type: "button", on: { click: () => node.close() } }, words.cancel),
      h("button", { class: "btn small primary" }, words.go),
    ),
  );
  const node = h("dialog", { class: "dialog", "aria-labelledby": "token-title" }, form);
  let wish = null;
  const hearers = new Set();

  function ask(next, first) {
    wish = next;
    input.value = "";
    text(why, words.why(next.what));
    set(wrong, "hidden", first);
    text(wrong, first ? "" : words.wrong);
    if (!node.open) node.showModal();
    input.focus();
  }

  async function submit(event) {
    event.preventDefault();
    if (!input.value.trim()) return;
    api.keepToken(input.value);
    try {
      const answer = await wish.run();
      node.close();
      wish.done(answer);
      for (const hear of hearers) hear();
    } catch (problem) {
      if (problem.status === 401) {
        api.keepToken("");
        ask(wish, false);
      } else {
        node.close();
        wish.fail(problem);
        for (const hear of hearers) hear();
      }
    }
  }
  node.addEventListener("close", () => wish?.done(undefined));

  /**
   * Does what only the owner may; resolves to its answer, or undefined when the user would rather not. Other problems
   * are thrown.
   */
  async function may(run, { what: wish }) {
    try {
      return await run();
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      api.keepToken("");
      return new Promise((done, fail) => ask({ run, done, fail, what: wish }, true));
    }
  }

  return {
    node,
    /** The action went through unless this is false; problems are the caller's. */
    may,
    /** Hears when a token was taken. */
    onToken: (hear) => hearers.add(hear),
    /** Asks for the token alone. */
    askToken: () =>
      ask({ run: () => api.putSettings({}), done() {}, fail() {}, what: what.everything }, true),
  };
}
