// The owner's token, as a browser keeps it: given by hand or by the printed link. Not here: what it is for (api.js).
const KEY = "spendlight.token";

let token = null;
try {
  token = localStorage.getItem(KEY);
} catch {
  /* no storage: the token lasts as long as the page */
}

export const ownerToken = () => token;

export function keepToken(next) {
  token = next.trim() || null;
  try {
    token ? localStorage.setItem(KEY, token) : localStorage.removeItem(KEY);
  } catch {
    /* as above */
  }
}

/** The printed link carries the token in its fragment, once; it must not stay in the address bar or the history. */
function takeFromAddress() {
  const found = /^#token=([^&]+)/.exec(location.hash);
  if (!found) return;
  keepToken(decodeURIComponent(found[1]));
  history.replaceState(null, "", `${location.pathname}#/dashboard`);
}

/** Takes the token from the address, now and whenever it comes there. */
export function watchAddress() {
  takeFromAddress();
  addEventListener("hashchange", takeFromAddress);
}
