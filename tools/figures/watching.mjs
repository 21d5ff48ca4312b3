// What is measured within a page, by scripts that run before its own: when there is something to read, and how long frames
// take. The pages themselves know nothing of it.

/** Notes when the state and the cards stand there, and when the chart, the table and the calls do too. */
export const FIRST_PAINT = `
  window.figures = { meaningful: null, whole: null };
  const look = () => {
    const has = (selector) => document.querySelector(selector)?.checkVisibility();
    const words = document.querySelector(".state h1")?.textContent.trim();
    const meaningful = words && has(".cards .budget .meter");
    // What stands there now is painted with this frame: the next one begins after it.
    if (meaningful && figures.meaningful === null) requestAnimationFrame((at) => (figures.meaningful ??= at));
    const whole = meaningful && document.querySelector(".plot img")?.naturalWidth && has(".breakdown tbody tr") && has(".feed li");
    if (whole) requestAnimationFrame((at) => (figures.whole ??= at));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);`;

/** Measures frames from now on, until it is asked for them. */
export const WATCH_FRAMES = `
  const frames = (window.frames_ms = []);
  let last = performance.now();
  window.watching = true;
  const next = (at) => {
    frames.push(at - last);
    last = at;
    if (window.watching) requestAnimationFrame(next);
  };
  requestAnimationFrame((at) => { last = at; requestAnimationFrame(next); });`;

export const FRAMES = "window.watching = false; return window.frames_ms;";

/** Scrolls from the top to the end and back in a page's own frames, as fast as a hand can. */
export const SCROLL = `
  const all = document.querySelector(".scroll");
  const steps = 240;
  let n = 0;
  window.scrolled = false;
  const step = () => {
    n += 1;
    const part = n <= steps ? n / steps : 2 - n / steps;
    all.scrollTop = part * (all.scrollHeight - all.clientHeight);
    if (n < 2 * steps) requestAnimationFrame(step);
    else window.scrolled = true;
  };
  requestAnimationFrame(step);`;
