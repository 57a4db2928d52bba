// Verification: the checker of this file runs in workers on the embedded records, and must conclude what the page says.

const PER_RECORD = 120_000; // milliseconds
const MOST_WORKERS = 4;

let recordsPromise = null;
let checkerUrl = null;

function recordTexts() {
  recordsPromise ??= readData("_records").then(JSON.parse);
  return recordsPromise;
}

async function startWorker() {
  checkerUrl ??= URL.createObjectURL(new Blob([await readData("_checker")], { type: "text/javascript" }));
  return new Worker(checkerUrl);
}

// The answer of a worker on a text; one that takes too long is ended.
function answerOf(worker, text) {
  return new Promise((resolve) => {
    const clock = setTimeout(() => resolve({ late: true }), PER_RECORD);
    const done = (answer) => {
      clearTimeout(clock);
      resolve(answer);
    };
    worker.onmessage = (event) => done(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      done({ broken: event.message || "no worker runs in this browser" });
    };
    worker.postMessage(text);
  });
}

class Checkers {
  constructor() {
    this.idle = [];
    this.busy = 0;
    this.waiting = [];
  }

  async take() {
    if (this.idle.length) return this.idle.pop();
    const most = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
    if (this.busy < most) {
      this.busy += 1;
      return startWorker();
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  give(worker) {
    if (this.waiting.length) this.waiting.shift()(worker);
    else this.idle.push(worker);
  }

  async check(text) {
    const worker = await this.take();
    const started = performance.now();
    const answer = await answerOf(worker, text);
    answer.seconds = (performance.now() - started) / 1000;
    if (answer.late || answer.broken) {
      worker.terminate();
      this.give(await startWorker());
    } else {
      this.give(worker);
    }
    return answer;
  }
}

const checkers = new Checkers();

function fingerprintOf(text) {
  try {
    return JSON.parse(text).id;
  } catch {
    return null;
  }
}

// The status that the page gives to what a record is about, the claim or its correction; "" where marks of it differ.
function shownStatus(record) {
  const claim = record.closest(".claim");
  const repair = record.dataset.record.includes("#repair");
  const mark = claim.querySelector(repair ? ".part.repair .status" : "summary .status");
  const status = mark?.dataset.status ?? "";
  const told = mark?.textContent.match(/[a-z]+(?:-[a-z]+)*/)?.[0];
  return told === status && (repair || claim.dataset.status === status) ? status : "";
}

// Whether the record is named after the claim that it stands in, and both names stand once in the page.
function belongs(record) {
  const id = record.closest(".claim").id;
  const name = record.dataset.record;
  const once = (attribute, value) => document.querySelectorAll(`[${attribute}="${CSS.escape(value)}"]`).length === 1;
  return name.split("#")[0] === id && once("id", id) && once("data-record", name);
}

// What an answer says of a record: ["good" or "bad", words].
function judged(record, text, answer) {
  if (answer.late) return ["none", `not checked here: it takes more than ${PER_RECORD / 1000} s`];
  if (answer.broken) return ["none", `not checked here: ${answer.broken}`];
  if (!answer.accepted) return ["bad", `✕ rejected: ${answer.reason}`];
  if (fingerprintOf(text) !== record.dataset.fingerprint) return ["bad", "✕ the record is another than that of the claim"];
  if (!belongs(record)) return ["bad", "✕ the record is that of another claim, or stands in the page twice"];
  const said = record.querySelector(".words").textContent;
  const settles = record.dataset.settles;
  if (settles && (settles !== shownStatus(record) || !answer.conclusion.startsWith(`${settles}: `))) {
    return ["bad", `✕ it does not match the status ${shownStatus(record)}: it concludes ${answer.conclusion}`];
  }
  if (answer.conclusion !== said) return ["bad", `✕ it does not match the claim: it concludes ${answer.conclusion}`];
  return ["good", `✓ verified here in ${answer.seconds.toFixed(answer.seconds < 1 ? 2 : 1)} s`];
}

function showOutcome(record, outcome, words) {
  const place = record.querySelector(".outcome");
  place.dataset.outcome = outcome;
  place.textContent = words;
  const claim = record.closest(".claim");
  const all = [...claim.querySelectorAll(".outcome")].map((each) => each.dataset.outcome);
  const whole = all.includes("bad") ? "bad" : all.every((each) => each === "good") ? "good" : "";
  const mark = claim.querySelector(".checked");
  if (whole) claim.dataset.checked = whole;
  else delete claim.dataset.checked;
  if (whole) mark.dataset.outcome = whole;
  else delete mark.dataset.outcome;
  mark.textContent = { good: "✓ verified here", bad: "✕ verification failed" }[whole] || "";
}

async function verifyRecord(record) {
  showOutcome(record, "busy", "checking ...");
  let outcome = ["bad", "✕ the page does not hold this record"];
  try {
    const text = (await recordTexts())[record.dataset.record];
    if (typeof text === "string") outcome = judged(record, text, await checkers.check(text));
  } catch (problem) {
    outcome = ["none", `not checked here: ${problem.message}`];
  }
  showOutcome(record, outcome[0], outcome[1]);
  return outcome[0];
}

async function verifyAll() {
  const button = document.getElementById("_verify-all");
  const progress = document.getElementById("_progress");
  const said = document.getElementById("_verified");
  const records = [...document.querySelectorAll(".record")];
  const started = performance.now();
  let done = 0;
  let good = 0;
  let bad = 0;
  button.disabled = true;
  delete document.documentElement.dataset.verified;
  delete said.dataset.outcome;
  await Promise.all(
    records.map(async (record) => {
      const outcome = await verifyRecord(record);
      done += 1;
      good += outcome === "good" ? 1 : 0;
      bad += outcome === "bad" ? 1 : 0;
      progress.value = done;
      said.textContent = `${done} of ${records.length} checked${bad ? `, ${bad} failed` : ""}`;
    }),
  );
  const time = (performance.now() - started) / 1000;
  const failed = bad ? `, ${bad} failed` : "";
  said.dataset.outcome = bad ? "bad" : good === records.length ? "good" : "none";
  said.textContent = `${good} of ${records.length} records verified here${failed}, in ${time.toFixed(1)} s`;
  document.documentElement.dataset.verified = `${good} of ${records.length}`;
  button.disabled = false;
}

async function toggleRecord(record, button) {
  const shown = record.querySelector("pre");
  button.setAttribute("aria-expanded", String(shown === null));
  button.textContent = shown === null ? "Hide" : "Show";
  if (shown !== null) {
    shown.remove();
    return;
  }
  const text = document.createElement("pre");
  text.tabIndex = 0;
  record.append(text);
  const found = (await recordTexts())[record.dataset.record] || "";
  text.textContent = found.length > 200_000 ? `${found.slice(0, 200_000)} ... (${found.length} characters)` : found;
}

export function startVerifying() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".record button");
    if (button === null) return;
    const record = button.closest(".record");
    if (button.matches(".verify")) verifyRecord(record);
    else if (button.matches(".show")) toggleRecord(record, button);
  });
  document.getElementById("_verify-all").addEventListener("click", verifyAll);
}
