// What one unit can do at given errors: on which faces it rests, and how the loss reacts when it leaves them.
// An option is a face and a sign of the output weight, numbered 3 face + sign + 1; with the sign 0 a unit is silent.

import { inClosure } from "./atlas_faces.js";
import { need } from "./rational.js";
import { inner, mixture } from "./vectors.js";

export function optionOf(face, sign) {
  return 3 * face + sign + 1;
}

export function faceOf(option) {
  return Math.floor(option / 3);
}

export function signOf(option) {
  return (option % 3) - 1;
}

/** The options at errors in one direction. */
export class UnitOptions {
  constructor(fits, errors) {
    this.fits = fits;
    this.land = fits.land;
    this.place = fits.place;
    this.errors = errors;
    this.separated = new Set();
    this.balanced = new Set();
    this.reactions = new Map();
    this.known = new Map();
    this.listed = new Map();
    this.others = new Map(); // per slot, what is known of faces without generators
    this.slopes = null;
  }

  /** Confirm that the loss rises along a direction in every cell around a face, for a positive output weight. */
  separate(face, direction) {
    const { land, errors } = this;
    land.spend(5 + land.area / 2);
    const signs = this.place.faces[face];
    const at = new Map();
    let least = 0n;
    land.heights(direction).forEach((z, i) => {
      if (signs[i] !== 0) {
        least += errors[i] * land.slopes[signs[i]] * z;
        return;
      }
      const row = land.rows[i].join();
      at.set(row, (at.get(row) ?? 0n) + errors[i] * z);
    });
    for (const force of at.values()) {
      const [low, high] = [land.slopes[-1] * force, land.slopes[1] * force];
      least += low < high ? low : high;
    }
    if (least <= 0n) {
      const cells = this.place.around(face);
      land.spend((cells.length * land.area) / 4);
      const rises = cells.every((cell) => inner(land.gradient(errors, this.place.faces[cell]), direction) > 0n);
      need(rises, "a direction that does not separate");
    }
    this.separated.add(face);
  }

  /** Confirm that gradients of cells around a face combine to 0 with positive weights. */
  balance(face, pairs) {
    const { land, place, errors } = this;
    land.spend(5 + (pairs.length * land.area) / 4);
    const gradients = pairs.map(([cell, weight]) => {
      const near = cell >= 0n && cell < BigInt(place.faces.length) && place.cellSet.has(Number(cell));
      need(near && place.borders(face, Number(cell)), "a cell that is not near");
      need(weight > 0n, "a balance without positive weights");
      return land.gradient(errors, place.faces[Number(cell)]);
    });
    const total = mixture(pairs.map(([, weight]) => weight), gradients, land.width);
    need(total.every((x) => x === 0n), "a balance that is none");
    this.balanced.add(face);
  }

  /** What a unit on an option is: {least, most, directional, autograd, smooth, dimension}; null where none rests. */
  at(option) {
    if (!this.known.has(option)) {
      const sign = signOf(option);
      this.known.set(option, sign === 0 ? this.silent(faceOf(option)) : this.active(faceOf(option), sign));
    }
    return this.known.get(option);
  }

  active(face, sign) {
    if (!this.reactions.has(face)) this.reactions.set(face, this.reaction(face));
    const { falls, rises, moves, autograd, smooth } = this.reactions.get(face);
    const [down, up] = sign > 0 ? [falls, rises] : [rises, falls];
    const most = !up && !moves && !this.land.centred;
    const dimension = this.size(face) + (this.land.trained ? 1 : 0);
    return { least: !down, most, directional: !down, autograd, smooth, dimension };
  }

  /** The dimension of a face, without what changes nothing on the data. */
  size(face) {
    return this.land.rank - this.place.codimensions[face];
  }

  /** How the loss reacts, to first order, to one unit with a positive output weight that leaves a face. */
  reaction(face) {
    const { land, place, errors } = this;
    const signs = place.faces[face];
    const kinks = place.kinks[face];
    land.spend(place.rays.length * (1 + land.width / 4 + kinks.length / 2));
    const base = land.gradient(errors.map((e, i) => (signs[i] === 0 ? 0n : e)), signs);
    const found = { falls: false, rises: false, moves: false };
    for (const { vector } of place.rays) {
      let slope = inner(base, vector);
      for (const i of kinks) slope += errors[i] * land.unitOutput(inner(land.rows[i], vector));
      if (slope < 0n) found.falls = true;
      else if (slope > 0n) found.rises = true;
      else found.moves = found.moves || this.moves(signs, vector);
      if (found.falls && found.rises) break;
    }
    found.autograd = land.gradient(errors, signs).every((x) => x === 0n);
    const forces = new Map();
    for (const i of kinks) {
      const line = land.lines[i];
      if (line !== null) forces.set(line.key, (forces.get(line.key) ?? 0n) + errors[i] * line.length);
    }
    found.smooth = land.slopes[-1] === land.slopes[1] || [...forces.values()].every((x) => x === 0n);
    return found;
  }

  /** Whether going along a vector from a face changes some output, to first order. */
  moves(signs, vector) {
    return this.land.heights(vector).some((z, i) => {
      return (signs[i] === 0 ? this.land.unitOutput(z) : this.land.slopes[signs[i]] * z) !== 0n;
    });
  }

  /** The sums of errors times outputs, of the units on rays. */
  alongRays() {
    if (this.slopes === null) {
      const { land, place } = this;
      land.spend((place.rays.length * land.area) / 4);
      this.outputs = place.rays.map(({ vector }) => land.heights(vector).map((z) => land.unitOutput(z)));
      this.slopes = this.outputs.map((outputs) => inner(this.errors, outputs));
    }
    return this.slopes;
  }

  silent(face) {
    const { land, place } = this;
    const slopes = this.alongRays();
    const below = place.below[face];
    const flat = below.every((k) => slopes[k] === 0n);
    if (!flat && !(below.some((k) => slopes[k] > 0n) && below.some((k) => slopes[k] < 0n))) return null;
    const near = place.raysAround(face);
    const least = near.every((k) => slopes[k] === 0n);
    const most = !land.centred && near.every((k) => this.outputs[k].every((f) => f === 0n));
    const always = { directional: true, autograd: true, smooth: true };
    return { least, most, ...always, dimension: this.size(face) - (flat ? 0 : 1) };
  }

  /** Whether the second option is in the closure of the first. */
  above(option, other) {
    const sign = signOf(other);
    if (sign !== 0 && sign !== signOf(option)) return false;
    return inClosure(this.place.faces[faceOf(other)], this.place.faces[faceOf(option)]);
  }

  /** The options of some units that put out nothing (but maybe a constant), in classes that are connected. */
  classesOf(slot) {
    if (!this.listed.has(slot)) {
      const { own } = this.fits;
      const options = [];
      this.place.faces.forEach((_, face) => {
        for (const sign of slot.signs) {
          if (own.get(sign)[face] === 0 && this.balanced.has(face)) options.push(optionOf(face, sign));
        }
        if (slot.silent && this.at(optionOf(face, 0)) !== null) options.push(optionOf(face, 0));
      });
      this.listed.set(slot, this.connected(options, slot));
    }
    return this.listed.get(slot);
  }

  /** Options of equal kind that are connected by closures. The first class holds the origin. */
  connected(options, slot) {
    const kindOf = (option) => 2 * Number(this.at(option).least) + Number(this.at(option).most);
    const origin = optionOf(this.place.origin, slot.silent ? 0 : slot.signs[0]);
    const kinds = new Map([[kindOf(origin), new Set()]]);
    for (const option of options) {
      const kind = kindOf(option);
      if (!kinds.has(kind)) kinds.set(kind, new Set());
      kinds.get(kind).add(option);
    }
    const [first, ...others] = kinds.values();
    return [[...first], ...others.flatMap((same) => this.parts(same))].map((members) => this.summary(members));
  }

  /** The connected parts of a set of options, which is used up. */
  parts(rest) {
    const found = [];
    while (rest.size > 0) {
      const [start] = rest;
      rest.delete(start);
      const part = [start];
      for (const option of part) {
        this.land.spend(1 + rest.size * (1 + this.land.size / 32));
        for (const other of rest) {
          if (!this.above(option, other) && !this.above(other, option)) continue;
          rest.delete(other);
          part.push(other);
        }
      }
      found.push(part);
    }
    return found;
  }

  summary(members) {
    const each = members.map((option) => this.at(option));
    const count = (name) => BigInt(each.filter((one) => one[name]).length);
    const dimension = Math.max(...each.map((one) => one.dimension));
    const counts = { directional: count("directional"), autograd: count("autograd"), smooth: count("smooth") };
    return { members, size: BigInt(members.length), least: each[0].least, most: each[0].most, dimension, ...counts };
  }
}
