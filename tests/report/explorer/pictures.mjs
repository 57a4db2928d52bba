// What the page draws and lists: parts of sets in the plane and in space, and the sets of a family at some stops.

import { readFileSync } from "node:fs";
import { Problem } from "../../../stability/report/explorer/js/fields.js";
import { memberProblem, setsAt, sliderStops, stopText } from "../../../stability/report/explorer/js/families.js";
import { partsIn, planeForms, spaceForms } from "../../../stability/report/explorer/js/traces.js";

const { problem: data, plane, space, sets, families, wanted } = JSON.parse(readFileSync(0, "utf8"));
const problem = new Problem(data);
const found = {
  plane: partsIn(2, plane.span, planeForms(problem, plane), problem, sets),
  space: space ? partsIn(3, space.span, spaceForms(problem), problem, sets) : [],
  families: families.map((family) => sliderStops(family).filter((stop) => wanted.includes(stopText(stop))).map((stop) => {
    const member = memberProblem(data, family, stop);
    return { at: stopText(stop), sets: setsAt(family, stop, member), parts: partsIn(2, plane.span, planeForms(member, plane), member, setsAt(family, stop, member)) };
  })),
};
process.stdout.write(JSON.stringify(found));
