// Backups without being asked: how often, and how many of them are kept. Both act at once.
import * as api from "../../api.js";
import { h, set, text } from "../../dom.js";
import { settings as common, data as words } from "../../words.js";
import { select } from "../controls.js";

/** How many are offered; another number that is set is offered too. */
const KEEPS = [3, 7, 14, 30];

/** `changed()` hears when the schedule is another one. */
export function createSchedule({ frame, changed }) {
  const says = h("p");
  const every = select({ label: words.howOften, options: words.EVERY, choose: put });
  const keep = select({ label: words.howMany, options: [], choose: put });
  const node = h(
    "div",
    { class: "opt" },
    h("div", {}, words.schedule, says),
    h("div", { class: "pair" }, keep.node, every.node),
  );

  async function put() {
    const wish = { backup_schedule: { every: every.value, keep: Number(keep.value) } };
    await frame.run(() => api.putSettings(wish), common.mayChange);
    await changed();
  }

  return {
    node,
    /** Shows what holds, and when the next one is due. */
    update(backups) {
      const { schedule } = backups;
      const kept = [...new Set([...KEEPS, schedule.keep])].sort((a, b) => a - b);
      every.offer(words.EVERY, schedule.every);
      keep.offer(
        kept.map((n) => [String(n), words.keep(n)]),
        String(schedule.keep),
      );
      set(keep.node, "hidden", schedule.every === "never");
      text(says, words.scheduled(backups));
    },
  };
}
