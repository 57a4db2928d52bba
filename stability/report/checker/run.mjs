// The checker for node: `node run.mjs FILE ...` says what records conclude, `node run.mjs -` answers line by line.

import { readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

import { check } from "./checker.js";

function write(line) {
  writeSync(1, `${line}\n`);
}

function main(paths) {
  let status = 0;
  for (const path of paths) {
    const verdict = check(readFileSync(path, "utf8"));
    const name = path.replace(/^.*\//, "").replace(/\.json$/, "");
    write(verdict.accepted ? `ok    ${name}: ${verdict.conclusion}` : `FAIL  ${name}: ${verdict.reason}`);
    if (!verdict.accepted) status = 1;
  }
  process.exitCode = status;
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
