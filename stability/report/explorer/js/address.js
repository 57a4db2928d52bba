// What a reader sees, kept in the fragment of the address: #start=0.5,-0.25&vary=slope&at=12&set=3&view=-0.62,0.42

export function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const numbers = (name) => {
    const parts = (given.get(name) ?? "").split(",").map(Number);
    return given.has(name) && parts.every(Number.isFinite) ? parts : null;
  };
  const start = numbers("start");
  const view = numbers("view");
  const set = numbers("set");
  const step = numbers("at");
  return {
    start: start?.length === 2 ? start : null,
    view: view?.length === 2 ? view : null,
    set: set?.length === 1 ? set[0] : null,
    vary: given.get("vary"),
    at: step?.length === 1 ? step[0] : null,
  };
}

let waiting = null;

// Write the state, at most some times a second, without an entry in the history of the browser.
export function writeAddress(state) {
  if (waiting !== null) clearTimeout(waiting);
  waiting = setTimeout(() => {
    waiting = null;
    const parts = [];
    const short = (x) => String(Math.round(x * 1e5) / 1e5);
    if (state.start) parts.push(`start=${state.start.map(short).join(",")}`);
    if (state.vary) parts.push(`vary=${encodeURIComponent(state.vary)}`);
    if (state.at !== null && state.at !== undefined) parts.push(`at=${state.at}`);
    if (state.set !== null && state.set !== undefined) parts.push(`set=${state.set}`);
    if (state.view) parts.push(`view=${state.view.map(short).join(",")}`);
    try {
      history.replaceState(null, "", `#${parts.join("&")}`);
    } catch {
      // a page inside an iframe without an address has no fragment to keep
    }
  }, 150);
}
