// What networks put out on choices of faces, and the least-squares fits of the labels by it, confirmed from a proof.

import { divisor, need, quotient, rational } from "./rational.js";
import { inner, mixture, primitive, rankOf } from "./vectors.js";
import { UnitOptions } from "./atlas_options.js";

/** Sets of generators, each with a number: 0 is the empty one. */
class GeneratorSets {
  constructor(land) {
    this.land = land;
    this.lists = [[]];
    this.numbers = new Map([["", 0]]);
    this.unions = [new Map()];
  }

  /** The number of the set with these generators, in ascending order. */
  number(list) {
    const key = list.join();
    if (!this.numbers.has(key)) {
      this.numbers.set(key, this.lists.length);
      this.lists.push(list);
      this.unions.push(new Map());
    }
    return this.numbers.get(key);
  }

  /** The number of the union of two sets. */
  union(a, b) {
    if (b === 0 || a === b) return a;
    if (a === 0) return b;
    let found = this.unions[a].get(b);
    if (found === undefined) {
      this.land.spend((this.lists[a].length + this.lists[b].length) / 4);
      found = this.number([...new Set([...this.lists[a], ...this.lists[b]])].sort((x, y) => x - y));
      this.unions[a].set(b, found);
    }
    return found;
  }
}

/** The fits of all sets of generators, and what is known at their errors. */
export class Fits {
  constructor(place, entries) {
    this.place = place;
    this.land = place.land;
    this.sets = new GeneratorSets(this.land);
    this.name();
    this.found = new Map(); // per number of a set of generators
    this.directions = new Map(); // per direction of errors
    this.levels = new Map(); // per errors
    for (const entry of entries) this.fit(entry);
  }

  /** Number the generators, and the sets of those of every face, for units whose output weights have either sign. */
  name() {
    const { land, place } = this;
    const numbered = new Map();
    this.generators = [];
    this.own = new Map();
    for (const sign of [...new Set(land.slots.flatMap(({ signs }) => signs))]) {
      const named = place.rays.map(({ vector }) => {
        const outputs = land.generator(vector, sign);
        if (outputs.every((x) => x === 0n)) return -1;
        const key = outputs.join();
        if (!numbered.has(key)) {
          numbered.set(key, this.generators.length);
          this.generators.push(outputs);
        }
        return numbered.get(key);
      });
      const sets = place.below.map((below) => {
        const own = new Set(below.map((k) => named[k]));
        own.delete(-1);
        return this.sets.number([...own].sort((a, b) => a - b));
      });
      this.own.set(sign, sets);
    }
  }

  fit({ generators, verdict, weights, directions, balances }) {
    const { land } = this;
    const [bottom, ...tops] = weights;
    const known = generators.every((g) => g < BigInt(this.generators.length));
    need(known, "generators that are not there");
    const set = this.sets.number(generators.map(Number).sort((a, b) => a - b));
    need(bottom > 0n && !this.found.has(set), "a fit without a denominator, or a second one");
    const columns = generators.map((g) => this.generators[Number(g)]);
    land.spend(10 + columns.length * land.size);
    const total = mixture(tops, columns, land.size);
    if (verdict === 0) {
      const along = columns.map((column) => inner(total, column));
      const separates = along.every((x) => x >= 0n) && along.some((x) => x > 0n);
      need(separates, "a separator that does not separate");
      const labels = land.labels.reduce((sum, y, i) => sum.plus(y.times(rational(total[i]))), rational(0));
      need(labels.sign() <= 0, "a separator with the labels on the wrong side");
      this.found.set(set, { verdict });
      return;
    }
    const errors = total.map((x, i) => quotient(x, bottom).minus(land.labels[i]));
    const common = errors.reduce((all, e) => (all / divisor(all, e.bottom)) * e.bottom, 1n);
    const whole = errors.map((e) => (e.top * common) / e.bottom);
    const orthogonal = columns.every((column) => inner(whole, column) === 0n);
    need(orthogonal, "errors that are not orthogonal to the generators");
    need(verdict === 2 || tops.every((x) => x > 0n), "a weight that is not positive");
    const options = this.optionsAt(primitive(whole));
    this.found.set(set, { verdict, columns, rank: null, level: this.levelOf(errors, options) });
    for (const [face, ...direction] of directions) options.separate(this.faceAt(face), direction);
    for (const { face, pairs } of balances) options.balance(this.faceAt(face), pairs);
  }

  faceAt(face) {
    need(face < BigInt(this.place.faces.length), "a face that is not there");
    return Number(face);
  }

  /** What units can do at errors in some direction. */
  optionsAt(direction) {
    const key = direction.join();
    if (!this.directions.has(key)) this.directions.set(key, new UnitOptions(this, direction));
    return this.directions.get(key);
  }

  /** All that has the same errors. */
  levelOf(errors, options) {
    const key = errors.join();
    if (!this.levels.has(key)) this.levels.set(key, { errors, options, pieces: [] });
    return this.levels.get(key);
  }

  /** The rank of a set of generators with a fit. */
  rankOfSet(set) {
    const fit = this.found.get(set);
    if (fit.rank === null) {
      this.land.spend(20 + (fit.columns.length ** 2 * this.land.size) / 8);
      fit.rank = rankOf(fit.columns);
    }
    return fit.rank;
  }
}
