// A second door to a server: it gives out the pages as they stand in ui/, changed by whoever asks for it, and passes
// everything else on. Not here: what a change is for, and any expectation.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";

const ui = new URL("../../ui/", import.meta.url);
const KINDS = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };

/** The file of ui/ behind a path, or null. */
function source(path) {
  const name = path === "/" ? "index.html" : path.slice(1);
  if (!(name.split(".").pop() in KINDS) || path.startsWith("/v1/")) return null;
  try {
    return { name, text: readFileSync(new URL(name, ui), "utf8") };
  } catch {
    return null;
  }
}

/** Tells an answer when it is whole, and events as they come. */
function listen(answer, heard) {
  const endless = answer.headers["content-type"]?.startsWith("text/event-stream");
  const parts = [];
  answer.on("data", (bytes) => (endless ? heard(String(bytes)) : parts.push(bytes)));
  answer.on("end", () => heard(String(Buffer.concat(parts))));
}

/**
 * {url, stop()} before `server`. `change(name, text, search)` may return a page's file otherwise; `heard(text)` is told
 * what the server answers to a question of a page.
 */
export async function startFront(server, { change = (_, text) => text, heard = null } = {}) {
  // The pages keep to the policy that they are served with.
  const page = await fetch(`${server.url}/`);
  const policy = page.headers.get("content-security-policy");

  const front = createServer((asked, answer) => {
    const { pathname, search } = new URL(asked.url, server.url);
    const found = source(pathname);
    if (found) {
      const kind = KINDS[found.name.split(".").pop()];
      answer.writeHead(200, { "content-type": kind, "content-security-policy": policy, "cache-control": "no-cache" });
      answer.end(change(found.name, found.text, search));
      return;
    }
    const headers = { ...asked.headers, host: new URL(server.url).host };
    delete headers.origin;
    delete headers.referer;
    const passed = request(server.url + asked.url, { method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      if (heard) listen(got, heard);
      got.on("error", () => answer.destroy());
      got.pipe(answer);
    });
    // A server that is gone is gone for the page too.
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  return {
    url: `http://127.0.0.1:${front.address().port}`,
    async stop() {
      front.closeAllConnections();
      front.close();
      await once(front, "close");
    },
  };
}
