// Sets the theme before the first paint, which is why this is a small classic script and not a module.
// It knows the choice (system, light, dark) and nothing of settings: whoever changes it dispatches "theme-choice".
"use strict";
(() => {
  const KEY = "spendlight.theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try {
      return localStorage.getItem(KEY) || "system";
    } catch {
      return "system";
    }
  }

  function apply(choice) {
    const theme = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
    const root = document.documentElement;
    if (root.dataset.theme === theme && root.dataset.painted) return;
    root.dataset.theme = theme;
    root.dataset.painted = "yes";
    document.dispatchEvent(new CustomEvent("theme-changed", { detail: theme }));
  }

  apply(remembered());
  dark.addEventListener("change", () => apply(remembered()));
  addEventListener("storage", (event) => {
    if (event.key === KEY) apply(remembered());
  });
  document.addEventListener("theme-choice", (event) => {
    try {
      localStorage.setItem(KEY, event.detail);
    } catch {
      /* private browsing: the choice lasts for this page */
    }
    apply(event.detail);
  });
})();
