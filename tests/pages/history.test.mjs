// The history of a ledger that is longer than a page: only what is looked at is drawn, every call can be reached, the
// days are told exactly, and what arrives moves nothing that is being read.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createIndex, HEIGHT_MAX_PX, ROW_PX } from "../../ui/views/history-index.js";
import { createPages } from "../../ui/views/history-pages.js";
import { bounds } from "../../ui/views/history-span.js";
import { program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

const CALLS = 6000;
const HOUR_MS = 3_600_000;
let server, page, now;

test("everything that is looked at is loaded once, on however many days it lies", async () => {
  const days = Array.from({ length: 40 }, (_, n) => {
    const start = new Date(Date.UTC(2026, 10, 22 - n)).toISOString();
    return { start, end: start, entries: 1, calls: 1, cost_usd: 0 };
  });
  let asked = 0;
  const pages = createPages({
    ask: {
      days: async () => ({ days, as_of: 40, next_to: null }),
      entries: async ({ from }) => ((asked += 1), { entries: [{ call_id: from }], next_cursor: null }),
    },
    changed: () => {},
    failed: assert.fail,
  });
  await pages.load({});
  const places = pages.index.slice(0, pages.index.height);
  for (let turn = 0; turn < 100; turn += 1) {
    pages.want(places);
    await new Promise((done) => setImmediate(done));
  }
  assert.equal(asked, 40, "no page is asked for again while it is looked at");
  assert.ok(days.every((day) => pages.entry(day, 0)?.call_id === day.start));
});

test("every height has its row, and every row its height", () => {
  const days = [3, 1, 250].map((entries, n) => ({ start: `2026-11-${22 - n}`, entries }));
  const index = createIndex(days);
  assert.equal(index.height, ROW_PX * (3 + 254));
  assert.equal(index.entries, 254);
  const all = index.slice(0, index.height);
  assert.equal(all.length, 257);
  all.forEach(({ day, row }, n) => assert.equal(index.topOf(day, row), n * ROW_PX));
  const some = index.slice(ROW_PX * 4.5, ROW_PX * 7);
  assert.deepEqual(
    some.map(({ day, row }) => [day.start, row]),
    [["2026-11-21", -1], ["2026-11-21", 0], ["2026-11-20", -1]],
  );
  let place = null;
  for (let n = 0; n < 254; n += 1) place = index.step(place, 1);
  assert.deepEqual([place.day.start, place.row], ["2026-11-20", 249]);
  assert.deepEqual(index.step(place, 1).row, 249, "the last one is the last");
  assert.deepEqual(index.step(place, -Infinity).day.start, "2026-11-22");
  assert.deepEqual(createIndex([]).slice(0, 900), []);
  const long = createIndex([{ start: "a", entries: 9e5 }, { start: "b", entries: 9e5 }]);
  assert.ok(long.isCut && long.height <= HEIGHT_MAX_PX, "no more than an element can be high");
});

test("a span begins and ends at the midnights of the ledger's zone", () => {
  const at = new Date("2026-10-25T23:30:00Z");
  const span = (name, more = {}) => bounds({ span: name, ...more }, at, "Europe/Berlin");
  assert.deepEqual(span(""), { from: null, to: null });
  assert.deepEqual(span("today"), { from: "2026-10-25T23:00:00.000Z", to: null });
  assert.deepEqual(span("yesterday"), { from: "2026-10-24T22:00:00.000Z", to: "2026-10-25T23:00:00.000Z" });
  assert.deepEqual(span("last-month"), { from: "2026-08-31T22:00:00.000Z", to: "2026-09-30T22:00:00.000Z" });
  assert.deepEqual(span("days", { first: "2026-03-29", last: "2026-03-29" }), {
    from: "2026-03-28T23:00:00.000Z",
    to: "2026-03-29T22:00:00.000Z",
  });
  assert.deepEqual(span("days", { first: "2026-03-29" }).to, null, "an end that is not chosen does not narrow");
});

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  now = Date.now();
  const lines = Array.from({ length: CALLS }, (_, n) =>
    JSON.stringify({
      call_id: `c${n}`,
      at: new Date(now - n * 0.1 * HOUR_MS).toISOString(),
      provider: n % 3 ? "openai" : "gemini",
      model: n % 3 ? "gpt-5-mini" : "gemini-2.5-flash",
      project: n % 2 ? "eval" : "chat",
      session: n % 100 ? "day" : "night",
      input_tokens: n,
      output_tokens: 10,
      cost_usd: 0.000000001 * (n + 1),
    }),
  );
  const answer = await fetch(`${server.url}/v1/record/batch`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  assert.equal(answer.status, 200);
  page = await startBrowser();
  await page.open(`${server.url}/#token=${server.token}`);
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const ids = () => page.run("return [...document.querySelectorAll('tr[data-call]')].map((row) => row.dataset.call)");
const drawn = () => page.run("return document.querySelectorAll('.calls *').length");
const blank = () => page.run("return document.querySelectorAll('.blank-row').length");
const scrollTo = (px) => page.run("document.querySelector('.scroll').scrollTop = arguments[0]", px);
const shows = (selector, pattern) =>
  until(`${selector} shows ${pattern}`, async () => pattern.test((await page.text(selector)) ?? ""));
const choose = (label, value) =>
  page.run(
    `const list = document.querySelector(\`.filters [aria-label="\${arguments[0]}"]\`);
     list.value = arguments[1];
     list.dispatchEvent(new Event("change", { bubbles: true }));`,
    label,
    value,
  );

pages("a long history draws what is seen of it, and every call can be scrolled to", async () => {
  await page.run("location.hash = '#/history'");
  await shows(".found", /^6,000 calls$/);
  await until("the newest call", async () => (await ids())[0] === "c0");
  const few = await drawn();
  for (const part of [0.31, 0.77, 1, 0.5]) {
    await page.run(
      "const all = document.querySelector('.scroll'); all.scrollTop = arguments[0] * all.scrollHeight;",
      part,
    );
    const first = async () => Number((await ids())[0]?.slice(1));
    await until(`rows at ${part}`, async () => (await blank()) === 0 && Math.abs((await first()) / CALLS - part) < 0.06);
    const seen = (await ids()).map((id) => Number(id.slice(1)));
    assert.ok(
      seen.every((n, at) => at === 0 || n === seen[at - 1] + 1),
      `calls stand in their order at ${part}`,
    );
    assert.ok((await drawn()) < few * 1.6, "no more is drawn than there was");
  }
});

pages("a day's heading tells the exact sum of its calls", async () => {
  await scrollTo(0);
  await until("the top", async () => (await ids())[0] === "c0");
  const { days } = await server.ask("GET", "/v1/days");
  await shows("tr.day", new RegExp(`· ${days[0].calls} calls`));
  assert.equal(days.reduce((sum, day) => sum + day.entries, 0), CALLS);
});

pages("whoever scrolls sees of what day the calls are, in a narrow window too", async () => {
  const { days } = await server.ask("GET", "/v1/days");
  /** The heading right under the list's head, and what of it is cut off. */
  const pinned = () =>
    page.run(`
      const head = document.querySelector(".calls th").getBoundingClientRect();
      const row = document.elementFromPoint(head.left + 30, head.bottom + 14)?.closest("tr");
      if (!row) return [];
      const cells = [...row.cells].filter((cell) => cell.scrollWidth > cell.clientWidth);
      return [row.className, row.innerText, cells.map((cell) => cell.innerText)];`);
  for (const width of [1180, 480]) {
    await page.size(width);
    let top = 0;
    for (const day of days.slice(0, 3)) {
      const middle = top + ROW_PX * (day.entries / 2);
      await scrollTo(middle);
      await until(`the heading of ${day.start} at ${width} pixels`, async () => {
        const [kind, told, cut] = await pinned();
        return kind === "day" && told.includes(`${day.calls} calls`) && cut.length === 0;
      });
      top += ROW_PX * (day.entries + 1);
      if (day === days[0]) {
        // Where one day follows another, its heading is drawn once.
        await scrollTo(top - 5 * ROW_PX);
        await until("both days", async () => (await page.run("return document.querySelectorAll('tr.day').length")) === 2);
      }
    }
  }
  await page.size(960);
  await scrollTo(0);
});

pages("the list is walked through with the keys, over more rows than are drawn", async () => {
  for (let n = 0; n < 3; n += 1) await page.press("ArrowDown");
  await until("the third call", () => page.run("return document.querySelector('.is-active')?.dataset.call === 'c2'"));
  await page.press("End");
  await until("the last call", () => page.run("return document.querySelector('.is-active')?.dataset.call === 'c5999'"));
  assert.match(
    await page.run("return document.activeElement.getAttribute('aria-activedescendant')"),
    /c5999$/,
    "it is what a screen reader is told",
  );
  await page.press("Enter");
  await shows(".side .big", /^\$0\.000006$/);
  await page.press("Escape");
  await page.press("Escape");
});

pages("what arrives moves nothing that is being read, and is shown to whoever is at the top", async () => {
  await scrollTo(0);
  await until("the top", async () => (await ids())[0] === "c0");
  await server.record({ call_id: "live-1", cost_usd: 0.5 });
  await until("the new call on top", async () => (await ids())[0] === "live-1");
  await scrollTo(9000);
  await until("rows", async () => {
    const drawn = await ids();
    return (await blank()) === 0 && drawn.length > 15 && !drawn.includes("live-1");
  });
  const place = "const row = document.querySelectorAll('tr[data-call]')[15]; return [row.dataset.call, row.getBoundingClientRect().top]";
  const before = await page.run(place);
  await server.record({ call_id: "live-2", cost_usd: 0.5 });
  await shows(".fresh:not([hidden])", /^1 new call$/);
  assert.deepEqual(await page.run(place), before);
  await scrollTo(0);
  await until("it on top", async () => (await ids())[0] === "live-2");
  await until("no offer", () => page.run("return document.querySelector('.fresh').hidden"));
});

pages("the history is narrowed by what a call has, by time, and by words", async () => {
  await page.click(".tools .chip");
  await choose("Provider", "gemini");
  await shows(".found", /^2,000 calls$/);
  await choose("Project", "chat");
  await shows(".found", /^1,000 calls$/);
  await page.fill("input[aria-label=Session]", "night");
  await shows(".found", /^20 calls$/);
  await page.fill("input[aria-label='Search calls']", "C3");
  await shows(".found", /^5 calls$/);
  await page.click(".tools .btn.ghost");
  await shows(".found", /^6,002 calls$/);
  await choose("Source", "proxy");
  await shows(".blank:not([hidden])", /No call is like that/);
  await page.click(".tools .btn.ghost");
  await choose("Time", "yesterday");
  const { days } = await server.ask("GET", "/v1/days");
  await shows(".found", new RegExp(`^${days[1].entries} calls$`));
  await choose("Time", "days");
  const day = days[3].start.slice(0, 10);
  for (const label of ["First day", "Last day"]) await choose(label, day);
  await shows(".found", new RegExp(`^${days[3].entries} calls$`));
  assert.equal(await page.run("return document.querySelectorAll('tr.day').length"), 1);
  await page.click(".tools .btn.ghost");
  await until("the newest call", async () => (await ids())[0] === "live-2");
  await page.click("tr[data-call=c300]".replace("c300", (await ids())[3]));
  await page.click(".side .link:nth-of-type(1)");
  await shows(".found", /^3,00\d calls$/);
});

pages("nothing went wrong on the way", async () => {
  assert.deepEqual(await page.complaints(), []);
});
