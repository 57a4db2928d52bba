// Opens the explorer on the data that the page carries.

import { ExplorerPage } from "./explorer.js";

// Which record says what of a set: that of the landscape itself, or, elsewhere on the slider, the nearest checked one.
function recordFinder(records) {
  return (set, family, stop, scene) => {
    if (scene.exact || scene.step !== null) {
      return { key: records.base, index: set.index, reach: "Stationary points do not depend on what moves the parameters; this record lists all of them." };
    }
    return { key: null, index: null, reach: records.reach.replace("{}", family.checked.join(", ").replaceAll("-", "\u2212")) };
  };
}

export async function openExplorer(name) {
  const data = await window.readData(name);
  const records = { text: (key) => window.readData(`record-${key}`) };
  const given = { ...data, records: { of: recordFinder(data.records) } };
  window.explorer = new ExplorerPage(document.getElementById("content"), given, records, window.check ?? null);
  document.documentElement.dataset.explorer = "ready";
}
