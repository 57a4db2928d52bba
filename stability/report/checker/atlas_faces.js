// Sign patterns of one unit on the data of a landscape, by a search that is replayed: a tree over the signs of
// pre-activations, in which a sign that is forced comes with its reason. Vectors are lists of BigInts.

import { bitLength, divisor, magnitude, need } from "./rational.js";

/** The inner product of two lists of BigInts. */
export function inner(a, b) {
  let sum = 0n;
  for (let k = 0; k < a.length; k += 1) sum += a[k] * b[k];
  return sum;
}

/** A vector of BigInts without a common divisor. */
export function primitive(vector) {
  const common = vector.reduce(divisor, 0n);
  return common > 1n ? vector.map((x) => x / common) : vector;
}

/** The combination of vectors of this size with weights. */
export function mixture(weights, vectors, size) {
  const total = Array(size).fill(0n);
  weights.forEach((weight, k) => {
    if (weight !== 0n) for (let c = 0; c < size; c += 1) total[c] += weight * vectors[k][c];
  });
  return total;
}

/** The rank of vectors, by elimination without fractions. */
export function rankOf(vectors) {
  let rows = vectors.filter((row) => row.some((x) => x !== 0n));
  let found = 0;
  while (rows.length > 0) {
    const [pivot, ...rest] = rows;
    const c = pivot.findIndex((x) => x !== 0n);
    const reduced = rest.map((row) => row.map((x, k) => pivot[c] * x - row[c] * pivot[k]));
    rows = reduced.filter((row) => row.some((x) => x !== 0n)).map(primitive);
    found += 1;
  }
  return found;
}

/** The least common denominator of rational numbers. */
function commonDenominator(numbers, meter) {
  let found = 1n;
  for (const { bottom } of numbers) {
    found = (found / divisor(found, bottom)) * bottom;
    meter.spend(1, bitLength(found));
  }
  return found;
}

/** Whether all that is 0 in one of two lists, and has another sign in none, lies in the closure of the other. */
export function inClosure(small, large) {
  for (let i = 0; i < small.length; i += 1) if (small[i] !== 0 && small[i] !== large[i]) return false;
  return true;
}

/** A landscape in whole numbers: data and slopes times positive numbers, labels as they are. */
export class WholeLandscape {
  constructor(data, meter) {
    this.data = data;
    this.meter = meter;
    this.units = data.units;
    this.size = data.examples;
    this.width = data.width;
    this.labels = data.labels;
    const factor = commonDenominator(data.rows.flat(), meter);
    this.rows = data.rows.map((row) => row.map((x) => (x.top * factor) / x.bottom));
    const sides = [-1, 0, 1].map((side) => data.slopes[side]);
    const steep = commonDenominator(sides, meter);
    const [low, kink, high] = sides.map((x) => (x.top * steep) / x.bottom);
    this.slopes = { "-1": low, 0: kink, 1: high };
    this.factor = factor;
    this.area = this.size * this.width;
    this.bits = Math.max(...[...this.rows.flat(), low, kink, high].map((x) => bitLength(magnitude(x))));
    this.spend(this.area * this.width);
    this.rank = rankOf(this.rows);
  }

  spend(steps) {
    this.meter.spend(steps, this.bits);
  }

  /** The pre-activations of a unit, times one positive number. */
  heights(vector) {
    return this.rows.map((row) => inner(row, vector));
  }

  /** The signs of the pre-activations of a unit. */
  signs(vector) {
    return Int8Array.from(this.heights(vector), (z) => (z > 0n ? 1 : z < 0n ? -1 : 0));
  }

  /** What a unit puts out at a pre-activation, times one positive number. */
  unitOutput(z) {
    return z > 0n ? this.slopes[1] * z : this.slopes[-1] * z;
  }

  /** The derivative of half the loss in the parameters of a unit with these signs, times a positive number. */
  gradient(errors, signs) {
    return mixture(errors.map((e, i) => (e === 0n ? 0n : e * this.slopes[signs[i]])), this.rows, this.width);
  }
}

/** All faces of one unit: their signs, the rays in the closure of each, their kinks and codimensions. */
export class Arrangement {
  constructor(land, tree, rays) {
    this.land = land;
    this.faces = [];
    this.index = new Map();
    this.replay(tree);
    this.kinks = this.faces.map((signs) => [...signs.keys()].filter((i) => signs[i] === 0));
    this.codimensions = this.kinks.map((kinks) => {
      land.spend(2 + (kinks.length * land.width * Math.min(kinks.length, land.width)) / 4);
      return rankOf(kinks.map((i) => land.rows[i]));
    });
    this.cells = [...this.faces.keys()].filter((face) => this.kinks[face].length === 0);
    this.cellSet = new Set(this.cells);
    const lines = [...this.faces.keys()].filter((face) => this.codimensions[face] === land.rank - 1);
    need(rays.length === lines.length, `expected a ray for each of ${lines.length} faces; got ${rays.length}`);
    this.rays = lines.map((face, k) => ({ face, vector: rays[k] }));
    this.below = this.faces.map(() => []);
    this.rays.forEach((ray, k) => this.placed(ray, k));
    this.faces.forEach((signs, face) => {
      land.spend(1 + this.below[face].length / 4);
      const spanned = [...signs].every((s, i) => s === 0 || this.below[face].some((k) => this.raySign(k, i) === s));
      need(spanned, "a face that its rays do not span");
    });
  }

  raySign(k, i) {
    return this.faces[this.rays[k].face][i];
  }

  placed({ face, vector }, k) {
    this.land.spend(5 + (this.land.area + this.faces.length) / 4);
    const found = this.land.signs(vector);
    need(found.every((s, i) => s === this.faces[face][i]), "a ray that is not on its face");
    this.faces.forEach((signs, other) => {
      if (inClosure(found, signs)) this.below[other].push(k);
    });
  }

  /** Confirm the tree, in preorder with parts -, 0, +, and collect the faces at its leaves. */
  replay(tree) {
    const open = [Array(this.land.size).fill(null)];
    for (const [[split], ...reasons] of tree) {
      need(open.length > 0, "a tree that is too long");
      const signs = [...open.pop()];
      this.land.spend(1 + this.land.size / 16);
      for (const reason of reasons) {
        const [i, sign] = this.forced(reason, signs);
        signs[i] = sign;
      }
      if (split < 0n) {
        need(!signs.includes(null), "a leaf that leaves a sign open");
        const key = signs.join();
        need(!this.index.has(key), "a face that is listed twice");
        this.index.set(key, this.faces.length);
        this.faces.push(Int8Array.from(signs));
      } else {
        const i = Number(split);
        need(signs[i] === null, "a split of a sign that is known");
        for (const side of [1, 0, -1]) open.push(signs.with(i, side));
      }
    }
    need(open.length === 0, "a tree that is cut off");
  }

  /** The example and the sign that a Farkas certificate forces, given the signs that are known. */
  forced([example, sign, c, ...pairs], signs) {
    const { rows, size, width } = this.land;
    this.land.spend(3 + (pairs.length * width) / 8);
    const at = (k) => {
      need(k >= 0n && k < BigInt(size), "a reason about an example that is not there");
      return Number(k);
    };
    const i = at(example);
    need(signs[i] === null, "a sign that is known already");
    need(c > 0n && sign >= -1n && sign <= 1n, "a reason of no known form");
    const total = Array(width).fill(0n);
    let strict = false;
    for (let n = 0; n < pairs.length; n += 2) {
      const k = at(pairs[n]);
      const m = pairs[n + 1];
      need(signs[k] !== null, "a reason whose sign is not known");
      if (signs[k] !== 0) {
        need(sign !== 0n && m >= 0n, "a multiplier of the wrong sign");
        strict = strict || m > 0n;
      }
      const turned = signs[k] === -1 ? -m : m;
      for (let x = 0; x < width; x += 1) total[x] += turned * rows[k][x];
    }
    need(strict || sign === 0n, "no strict reason");
    const wanted = sign === -1n ? -c : c;
    need(rows[i].every((x, k) => wanted * x === total[k]), "multipliers that do not add up");
    return [i, Number(sign)];
  }

  /** The cells whose closure contains a face. */
  around(face) {
    this.land.spend(this.cells.length / 2);
    return this.cells.filter((cell) => inClosure(this.faces[face], this.faces[cell]));
  }

  borders(face, other) {
    return inClosure(this.faces[face], this.faces[other]);
  }
}
