// The shell of a page: its data, and the switch between light, dark and what the system has.
// Ids: #_theme (button). State: document.documentElement.dataset.theme is "light" or "dark", or absent.

const THEMES = ["", "light", "dark"];
const THEME_NAMES = { "": "as the system has it", light: "light", dark: "dark" };

function packedBytes(text) {
  const raw = atob(text.trim());
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

// The value of JSON data of the page, or the text of compressed data.
async function readData(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no data called ${id}`);
  if (!("packed" in found.dataset)) return JSON.parse(found.textContent);
  const stream = new Blob([packedBytes(found.textContent)]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("deflate-raw"))).text();
}

// Local storage may be refused, in a file or a frame; then the choice lasts as long as the page.
function storedTheme(value) {
  try {
    if (value === undefined) return localStorage.getItem("stability-theme") || "";
    localStorage.setItem("stability-theme", value);
  } catch {
    return "";
  }
  return value;
}

function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  const button = document.getElementById("_theme");
  if (button) {
    button.textContent = { "": "◐", light: "☀", dark: "☾" }[name] || "◐";
    button.title = `Theme: ${THEME_NAMES[name]}`;
    button.setAttribute("aria-label", `Theme: ${THEME_NAMES[name]}`);
  }
  document.dispatchEvent(new CustomEvent("themechange"));
}

function startTheme() {
  let current = THEMES.includes(storedTheme()) ? storedTheme() : "";
  setTheme(current);
  const button = document.getElementById("_theme");
  if (!button) return;
  button.addEventListener("click", () => {
    current = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length];
    storedTheme(current);
    setTheme(current);
  });
}

window.readData = readData;
startTheme();
