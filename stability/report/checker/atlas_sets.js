// The stationary sets of a landscape, by a proof that is replayed; docs/certificates.md says why this is enough.

import { Choices } from "./atlas_choices.js";
import { Arrangement } from "./atlas_faces.js";
import { Fits } from "./atlas_fits.js";
import { Joins } from "./atlas_joins.js";
import { optionOf, signOf } from "./atlas_options.js";
import { ONE, ZERO, rational } from "./rational.js";

/** Which examples are correct, how many, and of each label; nothing where there are not two labels. */
function judgedOutputs(outputs, labels) {
  const values = new Map(labels.map((y) => [y.toString(), y]));
  if (values.size !== 2) return [];
  const [a, b] = [...values.values()];
  const high = a.compare(b) > 0 ? a : b;
  const middle = a.plus(b).over(rational(2));
  const correct = outputs.map((f, i) => f.compare(middle) > 0 === labels[i].equals(high));
  const count = (label) => correct.filter((each, i) => each && (label === null || labels[i].equals(label))).length;
  const classes = [a, b].map((y) => [`correct of class ${y}`, BigInt(count(y))]);
  return [["correct", correct], ["right", BigInt(count(null))], ...classes];
}

/** Rebuilds the sets: `sets` holds the attributes of each by name, `locate` finds the one of a point. */
export class StationarySets {
  constructor(land, proof) {
    this.land = land;
    this.place = new Arrangement(land, proof.tree, proof.rays);
    this.fits = new Fits(this.place, proof.fits);
    new Choices(this.fits);
    this.sets = [];
    for (const level of this.fits.levels.values()) if (level.pieces.length > 0) this.gather(level);
    const losses = this.sets.map((each) => each.get("loss"));
    const least = losses.reduce((a, b) => (b.compare(a) < 0 ? b : a), losses[0]);
    for (const each of this.sets) {
      if (each.get("kind") !== "minimum") continue;
      each.set("kind", each.get("loss").equals(least) ? "global minimum" : "local minimum");
    }
  }

  /** Describe the sets with the same errors, each once for all orders of the units. */
  gather(level) {
    const joins = new Joins(this.land, level);
    level.joins = joins;
    level.homes = new Map();
    for (const [leader, own] of joins.components()) {
      if (level.homes.has(leader)) continue;
      const turned = new Set(joins.numbersOf(joins.pieceOf[own[0]]).map((number) => joins.leader(number)));
      const found = this.described(level, own, turned.size);
      for (const each of turned) level.homes.set(each, found);
      this.sets.push(found);
    }
  }

  /** The attributes of a connected set, by name. */
  described({ errors, joins }, own, orbit) {
    const pieces = own.map((number) => joins.pieceOf[number]);
    const { sort } = pieces[0];
    const dimension = pieces.reduce((most, piece) => Math.max(most, piece.dimension), 0);
    const touched = own.some((number) => joins.touched[number] === 1);
    const outputs = errors.map((e, i) => e.plus(this.land.data.labels[i]));
    const count = (name) => pieces.reduce((sum, piece) => sum + piece[name], 0n);
    const faces = count("size");
    const autograd = count("autograd");
    return new Map([
      ["kind", sort],
      ["loss", errors.reduce((sum, e) => sum.plus(e.times(e)), ZERO).times(this.land.data.factor)],
      ["dimension", BigInt(dimension)],
      ["isolated", dimension === 0 && !touched],
      ["strict", dimension === 0 && sort === "minimum"],
      ["faces", faces],
      ["clarke", true],
      ["directional", count("directional") === faces],
      ["autograd_rests", autograd === faces],
      ["autograd_faces", autograd],
      ["smooth_faces", count("smooth")],
      ["orbit", BigInt(orbit)],
      ["outputs", outputs],
      ...judgedOutputs(outputs, this.land.data.labels),
    ]);
  }

  /** The set that contains a point, or null. */
  locate(point) {
    const { land } = this;
    const { rows, slopes, labels, oneHot } = land.data;
    land.spend(10 + 3 * land.units * land.area);
    const silent = [];
    const options = [];
    const hidden = point.slice(0, land.units).map((unit, j) => {
      const heights = rows.map((row) => row.reduce((sum, x, k) => sum.plus(x.times(unit[k])), ZERO));
      const outputs = heights.map((z) => (z.isZero() ? z : slopes[z.sign()].times(z)));
      const weight = this.outerWeight(unit, j);
      if (weight.isZero()) silent.push(outputs);
      options.push(optionOf(this.place.index.get(heights.map((z) => z.sign()).join()), weight.sign()));
      return outputs;
    });
    const output = this.outputsAt(point, hidden, oneHot ? 1 : 0);
    const level = this.levelOf(options);
    const errors = output.map((f, i) => f.minus(labels[i]));
    if (level === null || !errors.every((e, i) => e.equals(level.errors[i]))) return null;
    if (oneHot && !this.outputsAt(point, hidden, 0).every((f, i) => f.plus(output[i]).equals(ONE))) return null;
    const rests = silent.every((outputs) => {
      return outputs.reduce((sum, f, i) => sum.plus(f.times(errors[i])), ZERO).isZero();
    });
    const piece = rests ? this.pieceAt(level, options) : undefined;
    return piece === undefined ? null : level.homes.get(level.joins.leader(piece));
  }

  /** The output weight of unit j, given its row of a point; of two outputs that of the second less the first. */
  outerWeight(unit, j) {
    const { weights, width, oneHot } = this.land.data;
    if (weights !== null) return weights[j];
    return oneHot ? unit[width + 1].minus(unit[width]) : unit[width];
  }

  /** One of the outputs at a point where the units put out what is given. */
  outputsAt(point, hidden, which) {
    const { weights, width, outputBias, units, labels } = this.land.data;
    const start = outputBias ? point[units][which] : ZERO;
    return labels.map((_, i) => hidden.reduce((sum, outputs, j) => {
      const weight = weights === null ? point[j][width + which] : weights[j];
      return sum.plus(weight.times(outputs[i]));
    }, start));
  }

  /** The level of the fit of a choice of options, or null where nothing is stationary. */
  levelOf(options) {
    const sets = options.map((option) => this.setOf(option));
    const fit = this.fits.found.get(sets.reduce((all, set) => this.fits.sets.union(all, set), 0));
    return fit?.level?.joins === undefined ? null : fit.level;
  }

  /** The generators of an option, as the number of a set. */
  setOf(option) {
    const sign = signOf(option);
    return sign === 0 ? 0 : this.fits.own.get(sign)[Math.floor(option / 3)];
  }

  /** The number of the piece on a choice of options, or nothing. */
  pieceAt({ joins, options: known }, options) {
    const order = this.land.slots.map((slot) => {
      return slot.units.map((j) => {
        if (this.setOf(options[j]) !== 0) return options[j];
        const found = known.classesOf(slot).findIndex(({ members }) => members.includes(options[j]));
        return found < 0 ? null : -1 - found;
      });
    });
    if (order.flat().includes(null)) return undefined;
    const sorted = order.map((own) => own.toSorted((a, b) => (a < 0 || b < 0 ? (a < 0) - (b < 0) || b - a : a - b)));
    const piece = joins.named.get(sorted.join(";"));
    if (piece === undefined) return undefined;
    const key = order.flat().join();
    return joins.numbersOf(piece).find((number) => joins.orders[number].join() === key);
  }
}
