// The records behind the numbers: shown where a number is chosen, and verified on the reader's own machine.

const OF_ALL = "Stationary points do not depend on what moves the parameters. This record lists all of them:";

function raised(formula) {
  return formula.replace(/\^(\d+)/g, (_, digits) => [...digits].map((digit) => "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[digit]).join(""));
}

// Which record says what of a set, and how far it reaches: {key, index, reach}; the key is null where there is none.
export function recordOf(set, scene, family) {
  if (scene.exact || scene.step !== null) return { key: "atlas", index: set.index, reach: OF_ALL };
  const here = `${family.symbol} = ${scene.stop}`;
  const formula = set.formula ? ` The loss of this branch is exactly ${raised(set.formula)}.` : "";
  if (scene.sample === null) return { key: null, index: null, reach: `At ${here}.${formula} The page carries no record here.` };
  const at = `${family.symbol} = ${scene.sample}`;
  const reach = at === here
    ? `This record lists all stationary sets at ${at}:`
    : `At ${here}, between the same two events as ${at}: from there to here nothing changes but numbers, along exact functions. This record lists all stationary sets at ${at}:`;
  return { key: `${family.vary}@${scene.sample}`, index: set.listed, reach: (formula + " " + reach).trim() };
}

import { element, markOf } from "./sets.js";

export class RecordDialog {
  constructor(dialog, records, verify) {
    this.dialog = dialog;
    this.records = records;
    this.verify = verify;
    this.box = dialog.querySelector("[data-part=content]");
    dialog.querySelector("[data-part=close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  // Show where a number of a set stands: `says` what it is, the record that proves it, and how far that reaches.
  async open({ set, field, says, record, reach }) {
    const title = element("h2", {});
    title.append(markOf(set.kind), ` Set ${set.index}: ${{ witness: "a point", right: "" }[field] ?? field}${says.replaceAll("-", "\u2212")}`);
    const parts = [title, element("p", {}, reach.replaceAll("-", "\u2212"))];
    if (record) parts.push(...this.certificate(record, await this.records.text(record.key), field));
    this.box.replaceChildren(...parts);
    this.dialog.showModal();
  }

  certificate(record, text, field) {
    const data = JSON.parse(text);
    const listed = data.statement.are?.[record.index];
    const verdict = element("output", { className: "verdict" });
    const button = element("button", { type: "button", className: "verify" }, "Verify this record");
    button.addEventListener("click", () => this.check(text, verdict, button));
    if (!this.verify) button.disabled = true;
    const head = element("p", { className: "record-head" });
    head.append(element("code", {}, data.id), ` ${data.conclusion}: these are all the stationary sets. `, button, " ", verdict);
    const found = [head];
    if (listed) found.push(element("p", {}, "What it states of this set:"), statedOf(listed, field));
    const whole = element("details", {});
    whole.append(element("summary", {}, `The whole record, ${text.length.toLocaleString("en")} characters`), element("pre", {}, text));
    return [...found, whole];
  }

  check(text, verdict, button) {
    button.disabled = true;
    verdict.textContent = "checking \u2026";
    verdict.className = "verdict";
    setTimeout(() => {
      const began = performance.now();
      const found = this.verify(text);
      const spent = Math.round(performance.now() - began);
      verdict.textContent = found.accepted ? `\u2713 accepted in ${spent} ms: ${shortened(found.conclusion)}` : `\u2717 rejected: ${found.reason}`;
      verdict.classList.add(found.accepted ? "accepted" : "rejected");
      button.disabled = false;
    }, 20);
  }
}

function shortened(text) {
  return text.length > 220 ? `${text.slice(0, 220)}\u2026` : text;
}

function statedOf(listed, field) {
  const table = element("table", { className: "stated" });
  for (const [name, value] of Object.entries(listed)) {
    const row = element("tr", { className: name === field ? "lit" : "" });
    row.append(element("th", { scope: "row" }, name.replaceAll("_", " ")), element("td", {}, writtenValue(value)));
    table.append(row);
  }
  return table;
}

function writtenValue(value) {
  if (Array.isArray(value)) return `(${value.map(writtenValue).join(", ")})`;
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
