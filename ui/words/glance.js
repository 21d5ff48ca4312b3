// What the small window of the tray says. Part of the words (words.js), from where it is used.
export const title = "Spendlight at a glance";
export const budgets = "Budgets";
export const noBudget = "No budget is set.";
export const open = "Open Spendlight";
export const alerts = (n) => `${n} new ${n === 1 ? "alert" : "alerts"}`;
export const questions = (n) => (n === 1 ? "A call waits for your answer" : `${n} calls wait for your answer`);
