// Filippov face selection in floats: the faces on which the units can go on, or stay, from a point on kinks.
//
// It decides as the library does exactly (docs/architecture.md): a solution moves on a face with the gradient projected
// onto its span, if it points into the face and some mean of the gradients around does not point away.

import { image, inner } from "./linear.js";

const NOUGHT = 1e-10;
const COARSE = 1e-11;

// The value of an affine function of the parameters at a spot; what is small beside its terms counts as 0, apart from
// the fine part of the spot and from the base.
export function valueAt(functional, { base, fine }) {
  let total = functional.constant;
  let size = Math.abs(functional.constant);
  let rest = 0;
  let small = 0;
  functional.row.forEach((x, k) => {
    total += x * base[k];
    size += Math.abs(x * base[k]);
    rest += x * fine[k];
    small += Math.abs(x * fine[k]);
  });
  const found = (Math.abs(total) <= COARSE * size ? 0 : total) + rest;
  return Math.abs(found) <= NOUGHT * Math.max(small, Math.abs(total) > COARSE * size ? size : 0) ? 0 : found;
}

// The sign of an affine function right after now: that of its first derivative that is not 0.
export function soonSign(functional, field, spot) {
  let here = functional;
  for (let order = 0; order <= field.problem.size; order += 1) {
    const value = valueAt(here, spot);
    if (value) return Math.sign(value);
    here = field.speedOf(here.row);
  }
  return 0;
}

// All faces on which the units can go on from a point at which they are on the faces `at`.
export function possibleWays(problem, at, spot) {
  let choices = [[]];
  for (let unit = 0; unit < problem.units; unit += 1) {
    const own = candidateFaces(problem, at, unit, spot);
    choices = choices.flatMap((start) => own.map((face) => [...start, face]));
  }
  return choices.map((signs) => wayOn(problem.field(signs), at, spot)).filter((way) => way !== null);
}

function candidateFaces(problem, at, unit, spot) {
  const here = at[unit];
  if (!here.includes(0)) return [here];
  if (problem.field(at).guards(unit).every((guard) => valueAt(guard, spot) > 0)) return [here];
  const { groups, faces } = problem.fan(here);
  return faces.filter((face) => {
    const field = problem.field(at.map((each, j) => (j === unit ? face : each)));
    return groups.every(([i]) => !face[i] || face[i] * valueAt(field.normalSpeed(unit, i), spot) >= 0);
  });
}

function wayOn(field, at, spot) {
  let held = true;
  let known = true;
  for (let unit = 0; unit < at.length; unit += 1) {
    const here = at[unit];
    const face = field.signs[unit];
    if (!here.includes(0)) continue;
    for (const [i] of field.problem.kinks(here)) {
      if (face[i] && soonSign(field.normalSpeed(unit, i), field, spot) !== face[i]) return null;
    }
    const stays = canStay(field, unit, spot);
    if (stays === false) return null;
    held = held && stays === true && isHeld(field, unit, spot);
    known = known && stays !== null;
  }
  return { signs: field.signs, held, known };
}

export function isHeld(field, unit, spot) {
  return field.guards(unit).every((guard) => soonSign(guard, field, spot) >= 0);
}

function canStay(field, unit, spot) {
  const signs = field.guards(unit).map((guard) => soonSign(guard, field, spot));
  if (signs.every((s) => s >= 0)) return true;
  if (!field.problem.fan(field.signs[unit]).tangled) {
    for (let k = 0; k < signs.length; k += 2) {
      const pair = [signs[k], signs[k + 1]];
      if (Math.min(...pair) < 0 && Math.max(...pair) > 0) return false;
    }
    return true;
  }
  if (staysForEver(field, unit)) return true;
  return holdsZero(cellGradients(field, unit).map((parts) => parts.map((part) => valueAt(part, spot))));
}

// Whether a unit can stay on kinks that depend on each other whatever the errors are: all gradients around come in
// opposite pairs, or one is 0.
export function staysForEver(field, unit) {
  const { basis } = field.problem.fan(field.signs[unit]);
  const means = basis.map((vector) => field.along(unit, vector));
  return [means, ...cellGradients(field, unit)].some((gradient) => gradient.every(vanishes));
}

function vanishes(functional) {
  return Math.abs(functional.constant) < 1e-12 && functional.row.every((x) => Math.abs(x) < 1e-12);
}

// The gradient in every cell around the kinks of a unit, in coordinates across the face.
function cellGradients(field, unit) {
  const { groups, basis, faces } = field.problem.fan(field.signs[unit]);
  const rooms = groups.map((members) => field.room(unit, members));
  const cells = faces.filter((face) => !face.includes(0));
  return cells.map((cell) => basis.map((vector) => {
    const { row, constant } = field.along(unit, vector);
    const found = { row: row.slice(), constant };
    rooms.forEach((room, k) => {
      const factor = cell[groups[k][0]] * inner(field.problem.rows[groups[k][0]], vector);
      room.row.forEach((x, c) => {
        found.row[c] += factor * x;
      });
      found.constant += factor * room.constant;
    });
    return found;
  }));
}

// Whether 0 is a convex combination of some vectors: the nearest point of their hull to 0, by steps of Gilbert; null
// where that is not decided.
function holdsZero(vectors) {
  let near = vectors[0].slice();
  const size = Math.max(...vectors.map((v) => Math.sqrt(inner(v, v))), 1e-300);
  for (let round = 0; round < 5000; round += 1) {
    const far = inner(near, near);
    if (Math.sqrt(far) < 1e-9 * size) return true;
    const heights = image(vectors, near);
    const best = heights.indexOf(Math.min(...heights));
    if (heights[best] > 1e-12 * size * size) return false;
    const step = vectors[best].map((x, k) => x - near[k]);
    const share = Math.min(1, Math.max(0, -inner(near, step) / inner(step, step)));
    if (share === 0) return false;
    near = near.map((x, k) => x + share * step[k]);
  }
  return null;
}
