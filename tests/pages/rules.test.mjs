// The rules of the pages that people forget and a reader cannot see: who may talk outward, who may format, and that no
// markup is parsed.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../ui/", import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
const read = (path) => readFileSync(new URL(path, root), "utf8");
const scripts = files.filter((path) => path.endsWith(".js"));

/** No script but those allowed contains the pattern. */
function only(rule, pattern, allowed = []) {
  test(rule, () => {
    for (const path of scripts.filter((one) => !allowed.includes(one)))
      assert.doesNotMatch(read(path), pattern, `${path}: ${rule}`);
  });
}

only(
  "no markup is ever parsed from text",
  /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser/,
);
only(
  "one file talks outward",
  /\bfetch\(|EventSource|XMLHttpRequest|WebSocket|sendBeacon|__TAURI__|navigator\.clipboard/,
  ["api.js", "views/snippets.js"],
);
only("the formatter alone formats", /Intl\.NumberFormat|toLocale\w*String|toFixed/, ["digits.js", "money.js"]);
only("one file reads the calendar", /Intl\.DateTimeFormat\((?!\)\.resolvedOptions)/, ["time.js", "zone.js"]);
only(
  "the browser remembers the token and the theme, and nothing else",
  /localStorage|sessionStorage|indexedDB|document\.cookie/,
  ["owner-token.js", "theme.js"],
);
only("nothing is polled", /setInterval/);
only("nothing is fetched from elsewhere", /https?:\/\/(?!www\.w3\.org\/2000\/svg|\$\{)/);

test("the page holds no script, style or handler of its own", () => {
  const page = read("index.html");
  assert.doesNotMatch(
    page,
    /<style|\sstyle=|\son\w+=|<script>|javascript:/,
    "the content security policy would refuse it",
  );
  assert.doesNotMatch(page, /https?:/, "nothing comes from another place");
});

/** The modules that a module needs before it runs, and those that these need. */
function needed(path, found = new Set()) {
  for (const [, from] of read(path).matchAll(/^(?:import|export)[^;]*?from "(\.[^"]+)";/gm)) {
    const next = new URL(from, `file:///${path}`).pathname.slice(1);
    if (found.has(next)) continue;
    found.add(next);
    needed(next, found);
  }
  return found;
}

test("the page names every module that it begins with, so that none waits for another to name it", () => {
  const named = [...read("index.html").matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, path]) => path);
  assert.deepEqual(named, [...needed("app.js")].sort(), "index.html names them, in the order of the alphabet");
});

test("every file opens with its reason", () => {
  for (const path of scripts) assert.match(read(path), /^\/\/ [A-Z]/, path);
});

test("no file grows beyond what can be read at one sitting", () => {
  for (const path of scripts) assert.ok(read(path).split("\n").length <= 220, `${path} is too long`);
});

/** Literals that are words for people: a sentence, or what begins with a capital and is no key's name. */
const SAYS = /^(?!(?:Escape|Enter|Home|End|Bearer)\b)[A-Z][a-z]+(?: |…|$)|[a-z]{2,} [a-z]{2,} .*[.…?]$/;

test("what a page says stands in the catalogue alone", () => {
  // Shown code is the same in every language.
  const others = scripts.filter((path) => !/^words|^icons\.js$|snippets\.js$|proxied\.js$/.test(path));
  for (const path of others) {
    const code = read(path).replace(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$/gm, "");
    for (const [, quoted, template] of code.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g))
      assert.doesNotMatch(quoted ?? template.replace(/\$\{[^}]*\}/g, ""), SAYS, `${path}: put it into words/`);
  }
});

test("no colour is named outside the tokens", () => {
  assert.doesNotMatch(read("style/extra.css"), /#[0-9a-f]{3,8}\b/i, "extra.css uses the tokens");
});
