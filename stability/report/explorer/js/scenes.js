// What is shown at a place of the slider: the landscape, its sets, where pictures show them, and what moves a start.

import { locator } from "./atlas.js";
import { descend } from "./descent.js";
import { followFlow, pointAt, sampleTimes } from "./flow.js";
import { memberProblem, ranked, setsAt, snapshotAt, stopText } from "./families.js";
import { partsIn, planeForms, spaceForms } from "./traces.js";

const DRAWN_STEPS = 60;

// The landscape as it stands, with everything that was computed exactly beforehand.
export function baseScene(data, problem) {
  const sets = ranked(data.sets);
  const { plane, space } = data;
  const solids = space ? space.parts : [];
  return { problem, sets, parts: plane.parts, solids, basins: plane.basins, locate: locator(problem, sets), exact: true, step: null };
}

// The landscape at a stop of a family: sets by their exact functions, pictures by the page itself.
export function memberScene(data, base, family, stop) {
  const problem = memberProblem(base, family, stop);
  const sets = ranked(setsAt(family, stop, problem));
  const parts = data.plane.on_a_kink ? [] : partsIn(2, data.plane.span, planeForms(problem, data.plane), problem, sets);
  const solids = data.space ? partsIn(3, data.space.span, spaceForms(problem), problem, sets) : [];
  return { problem, sets, parts, solids, basins: null, locate: locator(problem, sets), exact: false, step: null, stop: stopText(stop), sample: snapshotAt(family, stop).sample };
}

// The landscape as it stands under gradient descent with a step.
export function steppedScene(data, base, step) {
  return { ...baseScene(data, base), basins: null, exact: false, step };
}

// Where a start goes in a scene: {points, events, end, set, words...} in parameters.
export function trackIn(scene, start) {
  if (scene.step !== null) {
    const found = descend(scene.problem, start, scene.step, scene.locate);
    const steps = found.points.length - 1;
    const points = found.points.slice(0, DRAWN_STEPS);
    return { ...found, points, steps, end: found.points[steps], events: [], marks: points.slice(1), unique: true };
  }
  const found = followFlow(scene.problem, start, scene.locate);
  const times = sampleTimes(found);
  const points = times.map((time) => pointAt(found, time));
  if (found.set !== null || !found.reason) points.push(found.end);
  const marks = found.events.filter((event) => event.time > 0).map((event) => pointAt(found, event.time));
  return { ...found, times, points, marks };
}

// On which set a start ends, for shading: its position, or -1.
export function labelIn(scene, start) {
  if (scene.step !== null) return descend(scene.problem, start, scene.step, scene.locate, 400).set?.index ?? -1;
  const found = followFlow(scene.problem, start, scene.locate);
  return found.unique && found.set ? found.set.index : -1;
}
