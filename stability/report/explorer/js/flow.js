// Gradient flow from a start, event by event, by the closed form on every choice of faces.

import { image, inner, largest } from "./linear.js";
import { firstRoot } from "./roots.js";
import { isHeld, possibleWays, soonSign, staysForEver } from "./filippov.js";

const TIE = 1e-9;
export const MOST_EVENTS = 300;

// Returns {pieces, events, end, set, unique, reason}: pieces with signs, start, stop and the motion; the set on which it
// ends, as `locate(point)` names it, or null with the reason.
export function followFlow(problem, start, locate, mostEvents = MOST_EVENTS) {
  const spot = { base: start.slice(), fine: start.map(() => 0) };
  const track = { problem, spot, time: 0, unique: true, pieces: [], events: [], torn: false };
  track.signs = problem.signsAt(start);
  const rests = locate(start);
  if (rests !== null) {
    track.unique = rests.directional;
    track.events.push({ time: 0, kind: rests.directional ? "rests" : "rests, and may leave" });
    const motion = { level: start.slice(), terms: [], rates: [] };
    track.pieces.push({ signs: track.signs, start: 0, stop: Infinity, motion });
    return finished(track, start, locate, "");
  }
  if (!turn(track, track.signs)) return finished(track, null, locate, "no face is found on which the flow goes on");
  for (let count = 0; count < mostEvents; count += 1) {
    const outcome = advance(track);
    if (outcome === "end") return finished(track, track.limit, locate, "");
    if (outcome !== "on") return finished(track, null, locate, outcome);
  }
  return finished(track, null, locate, `more than ${mostEvents} events`);
}

function finished(track, end, locate, reason) {
  const set = end === null ? null : locate(end);
  const why = reason || (set === null ? "the end lies on no stationary set that is known here" : "");
  const { pieces, events, unique } = track;
  return { pieces, events, end: end ?? track.spot.base.map((x, c) => x + track.spot.fine[c]), set, unique, reason: why };
}

// Choose the faces on which the units go on: as before where they were torn, then what is held, then most kinks.
function turn(track, at) {
  const ways = possibleWays(track.problem, at, track.spot);
  if (!ways.length) return false;
  const rank = (way) => [
    track.torn ? way.signs.filter((face, j) => same(face, track.signs[j])).length : 0,
    way.held && way.known ? 1 : 0,
    way.signs.reduce((sum, face) => sum + face.filter((s) => s === 0).length, 0),
  ];
  let best = ways[0];
  for (const way of ways.slice(1)) if (less(rank(best), rank(way))) best = way;
  if (ways.length > 1 || !ways.every((way) => way.held && way.known)) track.unique = false;
  if (ways.length > 1) track.events.push({ time: track.time, kind: "branch", ways: ways.length });
  track.signs = best.signs;
  track.torn = !best.held;
  return true;
}

function same(a, b) {
  return a.every((s, i) => s === b[i]);
}

function less(a, b) {
  for (let k = 0; k < a.length; k += 1) if (a[k] !== b[k]) return a[k] < b[k];
  return false;
}

// Follow the motion to its next event: "on", "end", or why it is not decided.
function advance(track) {
  const field = track.problem.field(track.signs);
  const motion = field.motion(track.spot);
  const noted = eventFunctions(track, field);
  if (typeof noted === "string") return noted;
  let found = [];
  let least = Infinity;
  for (const each of noted) {
    const { level, weights, size } = alongMotion(each.functional, motion, track.spot);
    const root = firstRoot(level, weights, motion.rates, size, least * (1 + 2 * TIE) + TIE);
    if (root < Infinity) {
      found.push({ ...each, root });
      least = Math.min(least, root);
    }
  }
  const stop = track.time + least;
  track.pieces.push({ signs: track.signs, start: track.time, stop, motion });
  if (least === Infinity) {
    track.limit = motion.level;
    return "end";
  }
  found = found.filter((each) => each.root <= least * (1 + TIE) + 1e-13);
  return move(track, motion, least, found) ? "on" : "no face is found on which the flow goes on";
}

function alongMotion({ row, constant }, motion, spot) {
  const weights = motion.terms.map((term) => inner(row, term));
  let size = Math.abs(constant);
  row.forEach((x, k) => {
    size += Math.abs(x * (spot.base[k] + spot.fine[k])) + Math.abs(x * motion.level[k]);
  });
  return { level: inner(row, motion.level) + constant, weights, size };
}

// What ends the motion when it becomes negative: pre-activations, and the slopes of the loss that hold kinks.
function eventFunctions(track, field) {
  const { problem, signs, spot } = track;
  const found = [];
  for (let unit = 0; unit < problem.units; unit += 1) {
    for (let i = 0; i < signs[unit].length; i += 1) {
      const s = signs[unit][i];
      if (s && problem.first[i] === i) {
        const row = new Array(problem.size).fill(0);
        problem.rows[i].forEach((x, c) => {
          row[unit * problem.width + c] = s * x;
        });
        found.push({ kind: "kink", unit, example: i, functional: { row, constant: 0 } });
      }
    }
    if (!signs[unit].includes(0)) continue;
    const torn = !isHeld(field, unit, spot);
    if (torn && problem.fan(signs[unit]).tangled) {
      if (staysForEver(field, unit)) continue;
      return "a unit may stay where many kinks meet, and it is not decided how long";
    }
    for (const guard of field.guards(unit)) {
      const turned = torn && soonSign(guard, field, spot) < 0;
      const functional = turned ? { row: guard.row.map((x) => -x), constant: -guard.constant } : guard;
      found.push({ kind: "guard", unit, example: null, functional: projected(functional, field) });
    }
  }
  return found;
}

// A functional within the span of the faces, so that what is constant by structure is so in floats too.
function projected({ row, constant }, field) {
  const size = Math.max(...row.map(Math.abs));
  const inside = image(field.projection, row).map((x) => (Math.abs(x) < 1e-14 * size ? 0 : x));
  return { row: inside, constant };
}

function move(track, motion, elapsed, met) {
  track.time += elapsed;
  const zero = { ...motion, level: motion.level.map(() => 0) };
  track.spot = { base: motion.level.slice(), fine: at(zero, elapsed) };
  const before = track.signs;
  const here = before.map((face) => face.slice());
  for (const { kind, unit, example } of met) {
    if (kind !== "kink") continue;
    track.problem.first.forEach((first, i) => {
      if (first === example) here[unit][i] = 0;
    });
  }
  closed(track.problem, here);
  settle(track, here);
  if (!turn(track, here)) return false;
  note(track, before, met);
  return true;
}

// Set to 0 what depends on kinks that are met: at the origin of a unit, for instance, all pre-activations are 0.
function closed(problem, signs) {
  for (const face of signs) {
    const { basis } = problem.fan(face);
    problem.rows.forEach((row, i) => {
      if (!face[i] || !basis.length) return;
      const left = inner(row, row) - basis.reduce((sum, each) => sum + inner(each, row) ** 2, 0);
      if (left <= 1e-12 * inner(row, row)) face[i] = 0;
    });
  }
}

// Put the spot exactly on the kinks that it has met.
function settle({ problem, spot }, signs) {
  const size = largest(spot.base);
  signs.forEach((face, unit) => {
    const start = unit * problem.width;
    for (const each of problem.fan(face).basis) {
      const coarse = inner(each, problem.unitOf(spot.base, unit));
      const fine = inner(each, problem.unitOf(spot.fine, unit));
      const snapped = Math.abs(coarse) <= 1e-11 * size;
      each.forEach((x, c) => {
        if (snapped) spot.base[start + c] -= coarse * x;
        spot.fine[start + c] -= (snapped ? fine : coarse + fine) * x;
      });
    }
  });
  const rest = largest(spot.fine);
  spot.fine = spot.fine.map((x) => (Math.abs(x) <= 1e-14 * rest ? 0 : x));
}

function note(track, before, met) {
  track.signs.forEach((face, unit) => {
    for (const [i] of track.problem.kinks(before[unit])) {
      if (face[i]) track.events.push({ time: track.time, kind: "sliding ends", unit, example: i });
    }
  });
  for (const { kind, unit, example } of met) {
    if (kind !== "kink") continue;
    const now = track.signs[unit][example];
    const word = now === before[unit][example] ? "touch" : now ? "crossing" : "sliding begins";
    track.events.push({ time: track.time, kind: word, unit, example });
  }
}

export function at(motion, elapsed) {
  const factors = motion.rates.map((rate) => Math.exp(-rate * elapsed));
  return motion.level.map((x, c) => motion.terms.reduce((sum, term, k) => sum + factors[k] * term[c], x));
}

// The point of a trajectory at a time.
export function pointAt(found, time) {
  const piece = found.pieces.find((each) => time <= each.stop) ?? found.pieces[found.pieces.length - 1];
  return piece ? at(piece.motion, Math.max(0, time - piece.start)) : found.end;
}

// Times that show a trajectory: evenly from event to event, then ever wider until it is all but at rest.
export function sampleTimes(found, perPiece = 40) {
  const times = [];
  for (const { start, stop, motion } of found.pieces) {
    if (stop < Infinity) {
      for (let k = 0; k < perPiece; k += 1) times.push(start + ((stop - start) * k) / (perPiece - 1));
      continue;
    }
    const moving = motion.rates.filter((_, k) => motion.terms[k].some((x) => x !== 0));
    const late = moving.length ? 16 / Math.min(...moving) : 0;
    for (let k = 0; k < perPiece; k += 1) times.push(start + (late * Math.expm1((4 * k) / (perPiece - 1))) / Math.expm1(4));
  }
  return times;
}
