// How a series of the chart is called and which colour it wears; shared by the legend, the tooltip and the table.
import { swatch, vars } from "../dom.js";
import { providerClass } from "../kinds.js";
import { dashboard as words, provider } from "../words.js";

const forced = globalThis.matchMedia?.("(forced-colors: active)"),
  dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

/** What a drawing stands on: the page's theme, or the system's where its own few colours are forced on the page. */
export function theme() {
  if (forced?.matches) return dark.matches ? "dark" : "light";
  return document.documentElement.dataset.theme;
}

/** A series' name: the provider's word, the model as it is, or what stands for all the rest. */
export function seriesName(key, by) {
  if (key === null || key === "") return words.notAttributed;
  if (key === "other") return words.other;
  return by === "provider" ? provider(key) : key;
}

/** A series wears the colour it is drawn in; a provider's own class covers a colour that was not sent. */
export function seriesSwatch(series) {
  const node = swatch(providerClass(series?.provider ?? series?.key));
  const color = series?.colour?.[theme()];
  return color ? vars(node, { c: color }) : node;
}
