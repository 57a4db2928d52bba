// Gradient flow while the signs of all pre-activations last, exactly: p' = (force - matrix p) / bottom on a face, on
// which the kinks of sign 0 are held. A place stands for all examples at one point.

import { ONE, Rational, ZERO, bitLength, divisor, magnitude, need, quotient, rational, wholeRoot } from "./rational.js";
import { inner } from "./vectors.js";

const SHARP = 1000n; // lengths of rows are rounded up to one part of so many

/** The largest whole number that is at most a / b, for b > 0. */
export function floored(a, b) {
  const found = a / b;
  return a % b < 0n ? found - 1n : found;
}

/** The least whole number that is at least a rational number. */
export function ceiled(x) {
  return -floored(-x.top, x.bottom);
}

/** A whole number at least as large as the length of a vector of rational numbers. */
export function lengthAbove(vector) {
  return wholeRoot(vector.map((x) => ceiled(x.size()) ** 2n).reduce((a, b) => a + b, 0n)) + 1n;
}

/** The inner product of two lists of rational numbers. */
function innerRational(a, b) {
  return a.reduce((sum, x, k) => (x.isZero() || b[k].isZero() ? sum : sum.plus(x.times(b[k]))), ZERO);
}

function numberBits(x) {
  return bitLength(x.top) + bitLength(x.bottom);
}

/** Rational numbers as [whole numbers, common denominator]. */
export function overOne(numbers) {
  const bottom = numbers.reduce((all, x) => (all / divisor(all, x.bottom)) * x.bottom, 1n);
  return [numbers.map((x) => x.top * (bottom / x.bottom)), bottom];
}

/** An affine function of the parameters, (row . p + base) / bottom in lowest terms, with a bound of SHARP |row|. */
export class AffineForm {
  constructor(row, base, bottom) {
    const common = row.reduce(divisor, divisor(bottom, base));
    this.row = row.map((x) => x / common);
    this.base = base / common;
    this.bottom = bottom / common;
    this.sharp = wholeRoot(SHARP * SHARP * inner(this.row, this.row)) + 1n;
  }

  /** this + factor * other */
  plus(other, factor) {
    const own = other.bottom * factor.bottom;
    const more = this.bottom * factor.top;
    const row = this.row.map((x, k) => own * x + more * other.row[k]);
    return new AffineForm(row, own * this.base + more * other.base, own * this.bottom);
  }

  times(factor) {
    return new AffineForm(this.row.map((x) => factor.top * x), factor.top * this.base, this.bottom * factor.bottom);
  }

  /** The change along a vector of whole numbers. */
  along(vector) {
    return quotient(inner(this.row, vector), this.bottom);
  }

  /** The value at a point of rational numbers. */
  at(point) {
    const [whole, bottom] = overOne(point);
    return quotient(inner(this.row, whole) + this.base * bottom, this.bottom * bottom);
  }

  bits() {
    return Math.max(bitLength(this.bottom), bitLength(this.sharp));
  }

  /** Whether a lower bound of the function, times SHARP * bottom, is positive: `least` bounds row . p + base. */
  exceeds(least, radius) {
    return SHARP * least > this.sharp * radius;
  }

  /** A lower bound on the ball of some radius around a point, all in units of 2^-bits. */
  low(point, radius, bits) {
    const value = SHARP * (inner(this.row, point) + (this.base << bits)) - this.sharp * radius;
    return quotient(value, SHARP * this.bottom);
  }
}

function affineForm(row, level) {
  const [whole, bottom] = overOne([...row, level]);
  return new AffineForm(whole.slice(0, -1), whole[whole.length - 1], bottom);
}

/** The data of a landscape by places, each with its weight and its mean label. */
export class FlowLandscape {
  constructor(data, meter) {
    this.data = data;
    this.meter = meter;
    this.units = data.units;
    this.width = data.width;
    this.size = data.parameters;
    this.outer = data.weights;
    this.slopes = { "-1": data.slopes["-1"], 0: ZERO, 1: data.slopes[1] };
    this.factor = data.factor;
    this.bend = this.slopes[1].minus(this.slopes["-1"]);
    const numbered = new Map();
    this.places = [];
    this.examples = []; // per place
    const sums = [];
    this.home = data.rows.map((row, i) => {
      const key = row.join();
      if (!numbered.has(key)) {
        numbered.set(key, this.places.length);
        this.places.push(row);
        this.examples.push([]);
        sums.push(ZERO);
      }
      const g = numbered.get(key);
      this.examples[g].push(i);
      sums[g] = sums[g].plus(data.labels[i]);
      return g;
    });
    this.weights = this.examples.map((each) => rational(each.length));
    this.bending = this.places.map((row) => row.some((x) => !x.isZero()));
    this.means = sums.map((sum, g) => sum.over(this.weights[g]));
    const all = [...data.rows.flat(), ...this.means, ...this.outer, this.slopes["-1"], this.slopes[1]];
    this.bits = Math.max(...all.map(numberBits));
  }

  spend(steps, bits = 0) {
    this.meter.spend(steps, Math.max(bits, this.bits));
  }

  /** A vector of unit j's parameters among all parameters. */
  embedded(j, vector) {
    const found = Array(this.size).fill(ZERO);
    vector.forEach((x, c) => {
      found[j * this.width + c] = x;
    });
    return found;
  }

  /** The signs at all places, by unit, from texts of the signs at all examples. */
  signsOf(texts) {
    return texts.map((text) => {
      const read = [...text].map((c) => "-0+".indexOf(c) - 1);
      return this.examples.map((own, g) => {
        need(own.every((i) => read[i] === read[own[0]]), "equal examples have equal signs");
        need(this.bending[g] || read[own[0]] === 0, "an example at the origin has the sign 0 without hidden biases");
        return read[own[0]];
      });
    });
  }
}

/** The inverse of a Gram matrix. */
function inverseOf(matrix, land) {
  const size = matrix.length;
  let rows = matrix.map((row, i) => [...row, ...row.map((_, k) => (i === k ? ONE : ZERO))]);
  for (let c = 0; c < size; c += 1) {
    const pivot = rows[c][c];
    need(pivot.sign() > 0, "kinks that depend on each other cannot be held");
    land.spend(8 * size ** 2, Math.max(...rows[c].map(numberBits)));
    const top = rows[c].map((x) => x.over(pivot));
    rows = rows.map((row, r) => {
      if (r === c) return top;
      return row[c].isZero() ? row : row.map((x, k) => x.minus(row[c].times(top[k])));
    });
  }
  return rows.map((row) => row.slice(size));
}

/** The flow while the signs last. Kinks are named "unit:place". */
export class FlowFace {
  constructor(land, signs) {
    this.land = land;
    this.signs = signs;
    const held = signs.map((row) => row.filter((s) => s === 0).length);
    const forms = land.places.length * (land.units + 2 * held.reduce((a, b) => a + b, 0));
    const squares = held.reduce((sum, h) => sum + h * h, 0);
    land.spend(50 + 3 * land.size * forms + 4 * squares * land.width);
    const all = signs.flatMap((row, j) => row.map((sign, g) => ({ j, g, sign, key: `${j}:${g}` })));
    this.kinks = all.filter(({ g }) => land.bending[g]);
    this.free = this.kinks.filter(({ sign }) => sign !== 0);
    this.held = this.kinks.filter(({ sign }) => sign === 0);
    this.findDuals();
    this.outputs = land.places.map((_, g) => this.output(g));
    this.findFlow();
    this.heights = this.free.map((kink) => ({ kink, form: this.height(kink, kink.sign) }));
    this.forces = this.held.map((kink) => {
      const [low, high] = [this.force(kink, -1), this.force(kink, 1)];
      need(low !== null || high !== null, "a kink without any force");
      return { kink, low, high, forms: [low, high].filter((form) => form !== null) };
    });
  }

  /** The output at a place, as a row of parameters. */
  output(g) {
    const { land } = this;
    const found = this.signs.flatMap((row, j) => {
      const slope = land.outer[j].times(land.slopes[row[g]]);
      return land.places[g].map((x) => slope.times(x));
    });
    return land.data.outputBias ? [...found, ONE] : found;
  }

  /** For every held kink the vector that has the product 1 with it, and 0 with the other held kinks of its unit. */
  findDuals() {
    this.duals = new Map();
    for (let j = 0; j < this.land.units; j += 1) {
      const own = this.held.filter((kink) => kink.j === j);
      const rows = own.map(({ g }) => this.land.places[g]);
      const inverse = inverseOf(rows.map((a) => rows.map((b) => innerRational(a, b))), this.land);
      own.forEach(({ key }, k) => {
        const dual = rows[0].map((_, c) => innerRational(inverse[k], rows.map((row) => row[c])));
        this.duals.set(key, dual);
      });
    }
  }

  /** The part of a vector along the face. */
  projected(vector) {
    let found = vector;
    for (const { j, g, key } of this.held) {
      const from = j * this.land.width;
      const share = innerRational(this.duals.get(key), vector.slice(from, from + this.land.width));
      if (share.isZero()) continue;
      found = found.map((x, c) => {
        const inside = c >= from && c < from + this.land.width;
        return inside ? x.minus(share.times(this.land.places[g][c - from])) : x;
      });
    }
    return found;
  }

  /** p' = 2 s (sum of w m PJ - sum of w PJ (PJ)' p), in whole numbers over one denominator. */
  findFlow() {
    const { land } = this;
    const [flat, common] = overOne(this.outputs.flatMap((row) => this.projected(row)));
    land.spend((land.size ** 2 * land.places.length) / 4, 2 * bitLength(common));
    const rows = land.places.map((_, g) => flat.slice(g * land.size, (g + 1) * land.size));
    const twice = land.factor.times(rational(2));
    const [weights, bottom] = overOne(land.weights.map((w) => w.times(twice)));
    const [pulls, under] = overOne(land.weights.map((w, g) => w.times(twice).times(land.means[g])));
    const bigBottom = bottom * under * common * common;
    const matrix = rows[0].map((_, a) => {
      return rows[0].map((__, b) => rows.reduce((sum, row, g) => sum + weights[g] * row[a] * row[b], 0n) * under);
    });
    const force = rows[0].map((_, a) => {
      return rows.reduce((sum, row, g) => sum + pulls[g] * row[a], 0n) * bottom * common;
    });
    const shared = [...matrix.flat(), ...force].reduce(divisor, bigBottom);
    this.matrix = matrix.map((row) => row.map((x) => x / shared));
    this.drift = force.map((x) => x / shared);
    this.bottom = bigBottom / shared;
  }

  signAt({ j, g }) {
    return this.signs[j][g];
  }

  /** The pre-activation at a kink, counted positive on one side. */
  height({ j, g }, side) {
    return affineForm(this.land.embedded(j, this.land.places[g].map((x) => x.times(rational(side)))), ZERO);
  }

  /** Output less mean label at a place. */
  error(g) {
    return affineForm(this.outputs[g], this.land.means[g].negative());
  }

  /** The force with which the cell on one side leads back to a held kink, or null where it is always 0. */
  force({ j, g, key }, side) {
    const { land } = this;
    const turn = rational(side).times(land.outer[j]);
    const shares = land.places.map((x, i) => {
      if (i === g) return turn.times(land.weights[g]).times(land.slopes[side]);
      const slope = land.slopes[this.signs[j][i]];
      if (slope.isZero()) return ZERO;
      return turn.times(land.weights[i]).times(slope).times(innerRational(this.duals.get(key), x));
    });
    if (shares.every((x) => x.isZero())) return null;
    const row = this.outputs[0].map((_, c) => innerRational(shares, this.outputs.map((each) => each[c])));
    return affineForm(row, innerRational(shares, land.means).negative());
  }

  /** The same function on the face, with its row along the face. */
  onFace(form) {
    const row = form.row.map((x) => quotient(x, form.bottom));
    return affineForm(this.projected(row), quotient(form.base, form.bottom));
  }

  /** The derivative of an affine function along the flow. */
  change(form) {
    const row = this.matrix.map((each) => -inner(each, form.row));
    return new AffineForm(row, inner(form.row, this.drift), this.bottom * form.bottom);
  }

  /** The speed of a pre-activation to one side. */
  toward(kink, side) {
    return this.change(this.height(kink, side));
  }

  /** The sum of the absolute values of the entries of A - B, B being the matrix of another face or nothing. */
  steepness(other = null) {
    let sum = ZERO;
    this.matrix.forEach((row, a) => {
      row.forEach((x, b) => {
        const own = new Rational(x, this.bottom);
        const apart = other === null ? own : own.minus(new Rational(other.matrix[a][b], other.bottom));
        if (apart.top !== 0n) sum = sum.plus(quotient(magnitude(apart.top), apart.bottom));
      });
    });
    return sum;
  }

  /** The velocity at a point in units of 2^-bits. */
  velocity(point, bits) {
    return this.matrix.map((row, a) => quotient((this.drift[a] << bits) - inner(row, point), this.bottom));
  }

  /** The flow with other signs at some kinks, given by their keys. */
  changed(signs) {
    return new FlowFace(this.land, this.signs.map((row, j) => row.map((s, g) => signs.get(`${j}:${g}`) ?? s)));
  }
}
