// Settings, Notifications in a real browser: what is switched holds, and a test tells what became of it. There is no
// session bus here, so nothing reaches a desktop, and the page has to say so.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, program, skip, startBrowser, startSpendlight, until } from "./driver.mjs";

let server, page;

before(async () => {
  if (skip) return;
  server = await startSpendlight(program);
  page = await startBrowser();
  await enter(page, server, "#/settings/notifications");
});
after(async () => {
  await page?.stop();
  await server?.stop();
});

const pages = (rule, run) => test(rule, { skip }, run);
const kept = async () => (await server.ask("GET", "/v1/settings")).notifications;
const section = "section[aria-label=Notifications]";

pages("each kind is switched on its own, and nothing else changes with it", async () => {
  await until("the switches", () => page.run(`return document.querySelector("${section} select")?.value === "22:00"`));
  await page.click(`${section} [aria-label=Forecast]`);
  await until("the forecast on", async () => (await kept()).forecast);
  await page.click(`${section} [aria-label=Warning]`);
  await until("the warning off", async () => !(await kept()).warning);
  await page.click(`${section} [aria-label="Quiet hours"]`);
  await until("quiet hours on", async () => (await kept()).quiet_hours.enabled);
  await page.run(
    `const list = document.querySelector("${section} select[aria-label='Quiet hours end at']");
     list.value = "06:30";
     list.dispatchEvent(new Event("change"));`,
  );
  await until("another end", async () => (await kept()).quiet_hours.to === "06:30");
  assert.deepEqual(await kept(), {
    enabled: true,
    warning: false,
    critical: true,
    exceeded: true,
    forecast: true,
    sound: false,
    quiet_hours: { enabled: true, from: "22:00", to: "06:30", let_exceeded_through: false },
  });
});

pages("quiet hours that would end as they begin are refused in words, and the old ones stay", async () => {
  await page.run(
    `const list = document.querySelector("${section} select[aria-label='Quiet hours end at']");
     list.value = "22:00";
     list.dispatchEvent(new Event("change"));`,
  );
  await until("the refusal", async () =>
    /must begin and end at different times/.test(await page.text(`${section} [role=alert]:not([hidden])`)),
  );
  assert.equal(
    await page.run(`return document.querySelector("${section} select[aria-label='Quiet hours end at']").value`),
    "06:30",
  );
});

pages("a test tells that there is no desktop", async () => {
  await page.click(`${section} .head .btn`);
  await until("what became of it", async () =>
    /^Not sent: no desktop can be reached/.test(await page.text(`${section} [role=status]:not([hidden])`)),
  );
});

pages("an alert tells why it was not shown", async () => {
  await server.owner("PUT", "/v1/settings", { notifications: {} });
  await server.record({ cost_usd: 0.85 });
  await until("the failed delivery", async () => {
    const { alerts } = await server.ask("GET", "/v1/alerts");
    return alerts[0]?.deliveries[0].state === "failed";
  });
  await page.run("location.hash = '#/alerts'");
  await until("the reason", async () =>
    /not shown on the desktop: no desktop can be reached/.test((await page.text(".alert")) ?? ""),
  );
});
