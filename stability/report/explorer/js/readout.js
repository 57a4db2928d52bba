// What a trajectory does, in words.

import { rounded } from "./function.js";
import { element, markOf, numberLink } from "./sets.js";

// `open(index, field)` opens the record of a number of a set.
export function showReadout(box, scene, track, plane, view, start, open) {
  const names = plane.axes.map((label) => label.split(" = ")[0].replace("bias ", ""));
  const where = names.map((name, k) => `${name} = ${rounded(start[k], 3)}`).join(", ");
  const first = element("p", { className: "from" });
  first.append(element("span", { className: "start-dot" }), `Start at ${where}; loss ${rounded(scene.problem.loss(track.points[0]), 4)}`);
  const last = element("p", { className: "to" });
  last.append(...ending(scene, track, open));
  const notes = [remark(scene, track), leaving(plane, view, track)].filter((text) => text);
  box.replaceChildren(first, last, ...notes.map((text) => element("p", { className: "remark" }, text)));
}

function ending(scene, track, open) {
  const loss = rounded(scene.problem.loss(track.end), 4);
  if (track.set) {
    const { index, kind, loss: exact } = track.set;
    const number = numberLink(exact, () => open(index, "loss"));
    return [markOf(kind), ` ends on a ${kind}, set ${index}, loss `, number, count(scene, track)];
  }
  if (track.outcome === "cycle") return [`comes to a cycle of period ${track.period}, loss ${loss} there`];
  if (track.outcome === "diverges") return ["runs away: this step is too large here"];
  if (track.outcome === "moves") return [`still moves after ${track.steps} steps, loss ${loss}`];
  return [`is not decided in floats: ${track.reason || "the end lies on no set of the list"}`];
}

function count(scene, track) {
  if (scene.step !== null) return `, after ${track.steps} steps`;
  const words = track.events.filter((event) => event.kind !== "branch").map((event) => event.kind);
  const kinds = [...new Set(words)].filter((word) => !word.startsWith("rests"));
  if (!kinds.length) return words.length ? " at once: it rests" : "";
  return `; on the way: ${kinds.map((kind) => `${amountOf(words.filter((word) => word === kind).length, kind)}`).join(", ")}`;
}

function amountOf(number, kind) {
  const [word, ...rest] = kind.split(" ");
  const plural = word === "touch" ? "touches" : rest.length ? word : `${word}s`;
  if (rest.length) return number > 1 ? `${kind} ${number} times` : kind;
  return `${number} ${number > 1 ? plural : word}`;
}

function remark(scene, track) {
  if (scene.step !== null || track.unique || track.reason) return "";
  return track.events.some((event) => event.kind.startsWith("rests"))
    ? "Other solutions leave this point; this one rests."
    : "Several solutions leave this trajectory; this is one of them.";
}

function leaving(plane, view, track) {
  if (plane.invariant) return "";
  const far = Math.max(...track.points.map((point) => view.distance(point)));
  return far > 5e-4 ? `It leaves the plane by up to ${rounded(far, 3)}: integrated in all parameters, drawn as its shadow at right angles.` : "";
}
