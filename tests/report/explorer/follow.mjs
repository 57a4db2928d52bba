// Follows gradient flow from the starts of a JSON text on standard input, and prints where it goes.

import { readFileSync } from "node:fs";
import { Problem } from "../../../stability/report/explorer/js/fields.js";
import { followFlow, pointAt } from "../../../stability/report/explorer/js/flow.js";
import { locator } from "../../../stability/report/explorer/js/atlas.js";

const { problem: data, sets, starts, times } = JSON.parse(readFileSync(0, "utf8"));
const problem = new Problem(data);
const locate = locator(problem, sets);
const found = starts.map((start, k) => {
  const track = followFlow(problem, start, locate);
  const { set, end, unique, reason, events } = track;
  return { set: set?.index ?? null, end, unique, reason, events, points: (times?.[k] ?? []).map((time) => pointAt(track, time)) };
});
process.stdout.write(JSON.stringify(found));
