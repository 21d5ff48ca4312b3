// The base URL of each provider, to be copied, and the project whose calls they are to be. Not here: what to do with
// one (proxied.js).
import { fill, h, swatch } from "../../dom.js";
import { provider, providerClass } from "../../words.js";
import { baseUrl, PROXIED } from "../base-urls.js";
import { breakable } from "../code.js";
import { copyButton } from "../controls.js";
import { field } from "./fields.js";

/** `changed` is told when another project was named. */
export function createBaseUrls({ changed }) {
  let address = "";
  const project = field({ label: "Project", hideLabel: true, before: "/p/", placeholder: "project" });
  project.input.addEventListener("input", () => {
    draw();
    changed();
  });
  const named = () => project.value.trim();
  const rows = PROXIED.map((id) => {
    const url = h("td", { class: "mono copyable" });
    const copy = copyButton(() => baseUrl(address, id, named()), `Copy the base URL of ${provider(id)}`, {
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
        h("h2", {}, "Base URLs"),
        h("span", { class: "faint small" }, "instead of the provider's own"),
        h("span", { class: "spacer" }),
        project.node,
      ),
      h(
        "table",
        { class: "base-urls", "aria-label": "Base URLs" },
        h(
          "tbody",
          { class: "rows" },
          rows.map((row) => row.node),
        ),
      ),
      h(
        "p",
        { class: "blank" },
        "With a project, calls count under it by their URL alone. A provider of your own is found by the name that config.toml gives it.",
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
