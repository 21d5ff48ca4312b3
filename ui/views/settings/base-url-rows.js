// The base URL of each provider, to be copied, and the project whose calls they are to be. Not here: what to do with
// one (proxied.js).
import { fill, h, swatch } from "../../dom.js";
import { providerClass } from "../../kinds.js";
import { connection as words, provider } from "../../words.js";
import { baseUrl, PROXIED } from "../base-urls.js";
import { breakable } from "../code.js";
import { copyButton } from "../controls.js";
import { field } from "./fields.js";

/** `changed` is told when another project was named. */
export function createBaseUrls({ changed }) {
  let address = "";
  const project = field({ label: words.project, hideLabel: true, before: "/p/", placeholder: words.projectHint });
  project.input.addEventListener("input", () => {
    draw();
    changed();
  });
  const named = () => project.value.trim();
  const rows = PROXIED.map((id) => {
    const url = h("td", { class: "mono copyable" });
    const copy = copyButton(() => baseUrl(address, id, named()), words.copyBaseUrl(provider(id)), {
      iconOnly: true,
    });
    const name = h("span", { class: "name" }, swatch(providerClass(id)), h("span", {}, provider(id)));
    return { id, url, node: h("tr", {}, h("th", { scope: "row" }, name), url, h("td", {}, copy)) };
  });
  function draw() {
    for (const { id, url } of rows) fill(url, breakable(baseUrl(address, id, named())));
  }
  return {
    node: h(
      "div",
      { class: "card" },
      h(
        "header",
        {},
        h("h2", {}, words.baseUrls),
        h("span", { class: "faint small" }, words.baseUrlsNote),
        h("span", { class: "spacer" }),
        project.node,
      ),
      h(
        "table",
        { class: "base-urls", "aria-label": words.baseUrls },
        h(
          "tbody",
          { class: "rows" },
          rows.map((row) => row.node),
        ),
      ),
      h(
        "p",
        { class: "blank" },
        words.baseUrlsHint,
      ),
    ),
    get project() {
      return named();
    },
    update(next) {
      address = next;
      draw();
    },
  };
}
