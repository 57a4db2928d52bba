// Filters by status, weight, section and words; all act on what stands in the page.

const claimTexts = new Map();

function allClaims() {
  return [...document.querySelectorAll("article.claim")];
}

function claimText(claim) {
  if (!claimTexts.has(claim)) claimTexts.set(claim, `${claim.id} ${claim.textContent}`.toLowerCase());
  return claimTexts.get(claim);
}

function control(name) {
  return document.getElementById(`_${name}`);
}

function chips() {
  return [...document.querySelectorAll(".chip[data-filter]")];
}

function pressedStatuses() {
  return chips().filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.filter);
}

function passes(claim, wanted) {
  const { statuses, weight, section, words } = wanted;
  const own = claim.dataset.section;
  return (
    (statuses.length === 0 || statuses.includes(claim.dataset.status)) &&
    (weight === "" || claim.dataset.weight === weight) &&
    (section === "" || own === section || (section.endsWith("/") && own.startsWith(section))) &&
    words.every((word) => claimText(claim).includes(word))
  );
}

function applyFilters() {
  const words = control("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = { statuses: pressedStatuses(), weight: control("weight").value, section: control("section").value, words };
  const found = allClaims();
  const all = !wanted.statuses.length && !wanted.weight && !wanted.section && !words.length;
  let shown = 0;
  for (const claim of found) {
    claim.hidden = !passes(claim, wanted);
    shown += claim.hidden ? 0 : 1;
  }
  for (const section of document.querySelectorAll(".claims")) section.hidden = !section.querySelector(".claim:not([hidden])");
  for (const first of document.querySelectorAll(".first-page")) first.hidden = !all;
  for (const part of document.querySelectorAll(".writeup")) part.hidden = !all && !part.querySelector(".claim:not([hidden])");
  document.documentElement.toggleAttribute("data-filtered", !all);
  control("shown").textContent = `${shown} of ${found.length} ${found.length === 1 ? "claim" : "claims"}`;
}

// What a filter leaves begins at the top, below the filters themselves where these stay in sight.
function applyAndShow() {
  applyFilters();
  const main = document.getElementById("_content");
  const controls = document.querySelector(".controls").getBoundingClientRect();
  if (main.getBoundingClientRect().top < controls.bottom - 1) main.scrollIntoView({ block: "start" });
}

export function resetFilters() {
  for (const chip of chips()) chip.setAttribute("aria-pressed", "false");
  for (const name of ["search", "weight", "section"]) control(name).value = "";
  applyFilters();
}

export function shownClaims() {
  return allClaims().filter((claim) => !claim.hidden && !claim.closest("[hidden]"));
}

function unfoldShown() {
  const button = control("unfold");
  const open = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(open));
  button.textContent = open ? "Fold" : "Unfold";
  for (const claim of shownClaims()) claim.querySelector("details").open = open;
}

export function startFilters() {
  control("unfold").setAttribute("aria-pressed", "false");
  for (const chip of chips()) {
    chip.setAttribute("aria-pressed", "false");
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      applyAndShow();
    });
  }
  let waiting = 0;
  control("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(applyAndShow, 120);
  });
  for (const name of ["weight", "section"]) control(name).addEventListener("change", applyAndShow);
  control("reset").addEventListener("click", resetFilters);
  control("unfold").addEventListener("click", unfoldShown);
  applyFilters();
}
