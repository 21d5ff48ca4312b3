// What the page knows without asking: the last status, whether the line to the server is open, and who wants to hear
// of a change. One object, made once and handed to the views. Not here: any drawing, and any request a view makes for
// itself.
import * as api from "./api.js";
import { configure } from "./format.js";

const SETTLE_MS = 250;
const HEARD = ["status", "entry", "alert", "settings", "link"];

export function createLive() {
  const hearers = Object.fromEntries(HEARD.map((name) => [name, new Set()]));
  const tell = (name, data) => {
    for (const hear of [...hearers[name]]) hear(data);
  };

  const live = {
    status: null,
    link: "connecting",
    retryAt: null,
    lastHeard: null,
    /** Hears "status", "entry", "alert", "settings" or "link" until the returned function is called. */
    on(name, hear) {
      hearers[name].add(hear);
      return () => hearers[name].delete(hear);
    },
    /** A status that came as an answer counts like one that came by itself. */
    take(status) {
      live.status = status;
      live.lastHeard = Date.now();
      configure({ zone: status.time_zone, currency: status.currency, numbers: status.locale, monthFirst: status.month_first });
      tell("status", status);
    },
    retry: () => {},
  };

  live.start = () => {
    const line = api.listen({
      event: (name, data) => (name === "status" ? live.take(data) : tell(name, data)),
      link: (state, retryAt = null) => {
        live.link = state;
        live.retryAt = retryAt;
        tell("link", state);
      },
    });
    live.retry = line.retry;
    minute();
  };

  /**
   * Windows turn and paces move by the clock alone, without an event: at each full minute, while someone looks, one
   * question.
   */
  function minute() {
    setTimeout(
      async () => {
        if (!document.hidden && live.link === "open") await api.status().then(live.take, () => {});
        minute();
      },
      60_000 - (Date.now() % 60_000) + SETTLE_MS,
    );
  }
  return live;
}

/** What a view says of a read that failed; that nobody answers is said once, by the bar over every view. */
export const said = (error) => (error instanceof api.Unreachable ? "" : error.message);

/** Runs at once, then at most once in `gap_ms` however often it is asked to; the last wish is always carried out. */
export function coalesced(run, gap_ms) {
  let timer = null,
    last = 0,
    busy = false,
    again = false;
  async function go() {
    timer = null;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    last = performance.now();
    try {
      await run();
    } finally {
      busy = false;
      if (again) {
        again = false;
        ask();
      }
    }
  }
  function ask() {
    if (timer !== null) return;
    timer = setTimeout(go, Math.max(0, gap_ms - (performance.now() - last)));
  }
  return ask;
}
