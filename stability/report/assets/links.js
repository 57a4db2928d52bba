// Links to claims: #id shows, unfolds and focuses one. Keys: / searches, j and k go on and back, v verifies.

import { resetFilters, shownClaims } from "./filters.js";

function claimOfAddress() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    return null;
  }
  const found = id ? document.getElementById(id) : null;
  return found !== null && found.matches("article.claim") ? found : null;
}

function goToClaim(claim) {
  claim.querySelector("summary").focus({ preventScroll: true });
  claim.scrollIntoView({ block: "start" });
}

// A link to a part of the page that filters hide shows all again.
function followAddress() {
  const claim = claimOfAddress();
  if (claim === null) return;
  if (claim.hidden || claim.closest("[hidden]")) resetFilters();
  claim.querySelector("details").open = true;
  goToClaim(claim);
}

function currentClaim() {
  return document.activeElement ? document.activeElement.closest("article.claim") : null;
}

function goOn(step) {
  const shown = shownClaims();
  const current = currentClaim();
  let k = shown.indexOf(current);
  if (k < 0) k = step > 0 ? -1 : shown.length;
  const next = shown[k + step];
  if (next) goToClaim(next);
}

function onKey(event) {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && target.id === "_search") {
    resetFilters();
    target.blur();
    return;
  }
  if (target.closest("input, select, textarea")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("_search").focus();
  } else if (event.key === "j" || event.key === "k") {
    goOn(event.key === "j" ? 1 : -1);
  } else if (event.key === "v") {
    const claim = currentClaim();
    if (claim === null) return;
    claim.querySelector("details").open = true;
    for (const button of claim.querySelectorAll("button.verify")) button.click();
  }
}

// How much of the top the filters cover, for the places to which links scroll.
function measureControls() {
  const controls = document.querySelector(".controls");
  document.documentElement.style.setProperty("--controls", `${controls.offsetHeight}px`);
}

export function startLinks() {
  measureControls();
  window.addEventListener("resize", measureControls);
  window.addEventListener("hashchange", followAddress);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute("href") === location.hash) followAddress();
  });
  document.addEventListener("keydown", onKey);
  followAddress();
}
