// What amounts are shown in: a currency, what a dollar is worth in it, and since when. Nothing is fetched for it.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { editable, numberIn } from "../../format.js";
import { currency as words, settings as common } from "../../words.js";
import { uid } from "../controls.js";
import { besideField, field, fieldOf } from "./fields.js";

export function createCurrency({ owner }) {
  const list = uid("list");
  const code = field({ label: words.code, hideLabel: true, list });
  const rate = field({ label: words.rate, hideLabel: true, mode: "decimal", before: words.equals });
  const since = field({ label: words.since, hideLabel: true, placeholder: words.sinceHint });
  const fields = { "currency.code": code, "currency.rate": rate, "currency.since": since };
  const save = h("button", { class: "btn small", hidden: true, on: { click: keep } }, common.save);
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const node = h(
    "div",
    { class: "opt" },
    h("div", {}, words.label, h("p", {}, words.hint), wrong),
    h("div", { class: "pair currency" }, code.node, rate.node, since.node, save),
    h(
      "datalist",
      { id: list },
      words.OFFERED.map((value) => h("option", { value })),
    ),
  );
  let kept = "";

  const chosen = () => code.value.trim().toUpperCase() || words.DOLLARS;
  const written = () => [chosen(), rate.value.trim(), since.value.trim()].join(" ");
  for (const one of Object.values(fields)) {
    one.input.addEventListener("input", draw);
    one.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") keep();
    });
  }

  /** Dollars have neither a rate nor a day. */
  function draw() {
    const dollars = chosen() === words.DOLLARS;
    for (const one of [rate, since]) set(one.node, "hidden", dollars);
    set(save, "hidden", written() === kept);
    tell("");
  }

  function tell(said) {
    text(wrong, said);
    set(wrong, "hidden", !said);
  }

  /** What the fields say; null, and said, where one of them cannot be. */
  function read() {
    if (chosen() === words.DOLLARS) return { code: words.DOLLARS };
    const worth = numberIn(rate.value);
    if (!(worth > 0)) return refuse(rate, words.wrongRate);
    const day = since.value.trim();
    if (day && !/^\d{4}-\d\d-\d\d$/.test(day)) return refuse(since, words.wrongDay);
    return { code: chosen(), rate: worth, ...(day ? { since: day } : {}) };
  }
  function refuse(one, said) {
    tell(said);
    set(one.input, "aria-invalid", "true");
    one.focus();
    return null;
  }

  async function keep() {
    const currency = read();
    if (!currency) return;
    try {
      const saved = await owner.may(() => api.putSettings({ currency }), { what: common.mayChange });
      if (saved) show(saved);
    } catch (problem) {
      refuse(fields[fieldOf(problem, Object.keys(fields))] ?? code, besideField(problem));
    }
  }

  function show({ currency }) {
    const dollars = currency.code === words.DOLLARS;
    code.value = currency.code;
    rate.value = dollars ? "" : editable(currency.rate, "usd");
    since.value = currency.since ?? "";
    kept = written();
    draw();
  }

  return { node, show };
}
