// Opens the explorer on the data that the page carries.

import { ExplorerPage } from "./explorer.js";

export async function openExplorer(name) {
  const data = await window.readData(name);
  const records = { text: (key) => window.readData(`record-${key}`) };
  window.explorer = new ExplorerPage(document.getElementById("content"), data, records, window.check ?? null);
  document.documentElement.dataset.explorer = "ready";
}
