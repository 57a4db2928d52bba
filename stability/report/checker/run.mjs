// The checker for node: `node run.mjs FILE or FOLDER ...` says what records conclude, `node run.mjs -` answers line by
// line. The exit status is 0 if all records are confirmed, 1 if some are rejected, 2 if some files cannot be read.

import { readFileSync, readdirSync, statSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";

import { check } from "./checker.js";

function write(line) {
  writeSync(1, `${line}\n`);
}

/** The files that a path stands for: itself, or all *.json below a folder, in order. */
function filesOf(path) {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true }).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => join(path, name));
}

function contentOf(path) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch {
    return null;
  }
}

function main(paths) {
  for (const path of paths.flatMap(filesOf)) {
    const name = JSON.stringify(basename(path, ".json")).slice(1, -1);
    const text = contentOf(path);
    const unread = { accepted: false, none: true, reason: "expected a file that can be read, in UTF-8" };
    const { accepted, none, conclusion, reason } = text === null ? unread : check(text);
    write(`${accepted ? "ok   " : none ? "ERROR" : "FAIL "} ${name}: ${conclusion ?? reason}`);
    if (none) process.exitCode = 2;
    else if (!accepted) process.exitCode ||= 1;
  }
}

/** Answer each line, a JSON text that holds a record's text, by its verdict and the milliseconds that it took. */
async function answer() {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const start = performance.now();
    const verdict = check(JSON.parse(line));
    write(JSON.stringify({ ...verdict, milliseconds: performance.now() - start }));
  }
}

if (process.argv[2] === "-") await answer();
else main(process.argv.slice(2));
