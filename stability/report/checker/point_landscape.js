// The functions of a landscape at points that are given by polynomials, where the signs at its kinks are known.
// A constraint [p, relation] says how the polynomial p compares with 0: ">", ">=", "=" or "!=".

import { constantOf } from "./polynomials.js";
import { ONE, need, rational } from "./rational.js";

const TRUE = [constantOf(ONE), ">"];
const FALSE = [constantOf(rational(-1)), ">"];

/** The examples with kinks, by the lines on which their rows stand: [[example, length], ...] for each line. */
function kinkLines(rows) {
  const lines = new Map();
  rows.forEach((row, i) => {
    const first = row.find((x) => !x.isZero());
    if (first === undefined) return;
    const key = row.map((x) => x.over(first)).join(" ");
    if (!lines.has(key)) lines.set(key, { unit: first, kinks: [] });
    const { unit, kinks } = lines.get(key);
    kinks.push([i, first.over(unit).size()]);
  });
  return [...lines.values()].map(({ kinks }) => kinks);
}

/** A landscape of the record, evaluated with `sign`, which gives the sign of a polynomial or throws. */
export class PointLandscape {
  constructor(data, algebra) {
    this.data = data;
    this.algebra = algebra;
    const { slopes, weights, width, units } = data;
    this.stride = weights === null ? width + 1 : width;
    this.last = units * this.stride; // where the output bias stands, if there is one
    this.low = slopes["-1"].compare(slopes[1]) < 0 ? slopes["-1"] : slopes[1];
    this.high = this.low === slopes[1] ? slopes["-1"] : slopes[1];
    this.straight = this.low.equals(this.high);
    this.lines = null;
  }

  /** Whether an example bends what a unit puts out: a row of zeros does not. */
  bends(i) {
    return this.data.rows[i].some((x) => !x.isZero());
  }

  /** The pre-activation of a unit at an example. */
  activation(p, j, i) {
    return this.algebra.combination(this.data.rows[i].map((x, c) => [x, p[j * this.stride + c]]));
  }

  /** Per example and unit the pre-activations of several vectors: table[i][j] = [of the first, of the second, ...]. */
  activations(...vectors) {
    const table = [];
    for (let i = 0; i < this.data.examples; i += 1) {
      table.push([]);
      for (let j = 0; j < this.data.units; j += 1) table[i].push(vectors.map((p) => this.activation(p, j, i)));
    }
    return table;
  }

  /** A term of the output of unit j: with its output weight at a point p, which may be trained. */
  weighted(slope, p, j, z) {
    const { weights, width } = this.data;
    if (weights !== null) return [slope.times(weights[j]), z];
    return [slope, this.algebra.times(p[j * this.stride + width], z)];
  }

  /** Per example the Taylor coefficients of the error along vectors p + t d + t^2 a / 2, from the right. */
  errors(sign, table, vectors) {
    return table.map((units, i) => {
      const taylor = vectors.map((p) => (this.data.outputBias ? [[ONE, p[this.last]]] : []));
      taylor[0].push([ONE, constantOf(this.data.labels[i].negative())]);
      units.forEach((parts, j) => {
        let side = 0;
        for (let k = 0; k < vectors.length && side === 0; k += 1) side = sign(parts[k]);
        if (side === 0) return;
        vectors.forEach((p, k) => taylor[k].push(this.weighted(this.data.slopes[side], p, j, parts[k])));
      });
      return taylor.map((terms) => this.algebra.combination(terms));
    });
  }

  /** (1 or 1/n) times the sum over the examples of [factor, product] pairs. */
  summed(parts) {
    const { factor } = this.data;
    return this.algebra.combination(parts.map(([each, p]) => [factor.times(rational(each)), p]));
  }

  loss(sign, p) {
    const errors = this.errors(sign, this.activations(p), [p]);
    return this.summed(errors.map(([e]) => [1, this.algebra.times(e, e)]));
  }

  d1(sign, p, d) {
    const errors = this.errors(sign, this.activations(p, d), [p, d]);
    return this.summed(errors.map(([e, first]) => [2, this.algebra.times(e, first)]));
  }

  d2(sign, p, d, a) {
    const errors = this.errors(sign, this.activations(p, d, a), [p, d, a]);
    const parts = errors.map(([e, first, second]) => {
      return [2, this.algebra.plus(this.algebra.times(first, first), this.algebra.times(e, second))];
    });
    return this.summed(parts);
  }

  autograd(sign, p, d) {
    return this.gradientAlong(p, d, sign, (z) => sign(z));
  }

  slope(sign, p, d, u) {
    return this.gradientAlong(p, d, sign, (z, j, i) => {
      const side = sign(z) || sign(this.activation(u, j, i));
      need(side !== 0, "a direction that stays on a kink enters no cell");
      return side;
    });
  }

  /** The derivative along d of the quadratic with the slopes of the sides that are chosen. */
  gradientAlong(p, d, sign, chosen) {
    const { slopes, weights, outputBias } = this.data;
    const table = this.activations(p, d);
    const parts = [];
    this.errors(sign, table, [p]).forEach(([e], i) => {
      table[i].forEach(([z, along], j) => {
        if (along.size === 0) return;
        const slope = slopes[chosen(z, j, i)].times(weights[j]);
        parts.push([2, this.algebra.scaled(slope, this.algebra.times(e, along))]);
      });
      if (outputBias) parts.push([2, this.algebra.times(e, d[this.last])]);
    });
    return this.summed(parts);
  }

  pre(sign, p, j, i) {
    return this.activation(p, j, i);
  }

  out(sign, p, i) {
    const parts = this.data.outputBias ? [[ONE, p[this.last]]] : [];
    for (let j = 0; j < this.data.units; j += 1) {
      const z = this.activation(p, j, i);
      const side = sign(z);
      if (side !== 0) parts.push(this.weighted(this.data.slopes[side], p, j, z));
    }
    return this.algebra.combination(parts);
  }

  generic(sign, p, u) {
    let enters = true;
    this.activations(p, u).forEach((units, i) => {
      if (!this.bends(i)) return;
      for (const [z, into] of units) if (sign(z) === 0 && sign(into) === 0) enters = false;
    });
    return [enters ? TRUE : FALSE];
  }

  differentiable(sign, p) {
    const table = this.activations(p);
    const errors = this.errors(sign, table, [p]);
    this.lines ??= kinkLines(this.data.rows);
    const forces = [];
    for (let j = 0; j < this.data.units && !this.straight; j += 1) {
      for (const line of this.lines) {
        const kinks = line.filter(([i]) => sign(table[i][j][0]) === 0);
        const terms = kinks.map(([i, length]) => [length, errors[i][0]]);
        if (terms.length > 0) forces.push([this.algebra.combination(terms), "="]);
      }
    }
    return [TRUE, ...forces];
  }

  twice_differentiable(sign, p) {
    const { units, slopes, outputBias } = this.data;
    const square = units === 1 && slopes[1].equals(slopes["-1"].negative()) && !outputBias;
    let smooth = true;
    if (!this.straight && !square) {
      this.activations(p).forEach((row, i) => {
        if (this.bends(i)) for (const [z] of row) if (sign(z) === 0) smooth = false;
      });
    }
    return [...this.differentiable(sign, p), smooth ? TRUE : FALSE];
  }

  rest(sign, p, s) {
    const { units, examples, rows, slopes, weights, outputBias } = this.data;
    const table = this.activations(p);
    const gradient = p.map(() => []);
    const bounds = [];
    this.errors(sign, table, [p]).forEach(([e], i) => {
      for (let j = 0; j < units && this.bends(i); j += 1) {
        const side = sign(table[i][j][0]);
        const free = s[j * examples + i];
        if (side === 0) {
          bounds.push([this.algebra.minus(free, constantOf(this.low)), ">="]);
          bounds.push([this.algebra.minus(constantOf(this.high), free), ">="]);
        }
        const force = side === 0 ? this.algebra.times(e, free) : this.algebra.scaled(slopes[side], e);
        rows[i].forEach((x, c) => gradient[j * this.stride + c].push([x.times(weights[j]), force]));
      }
      if (outputBias) gradient[this.last].push([ONE, e]);
    });
    return [...gradient.map((terms) => [this.algebra.combination(terms), "="]), ...bounds];
  }
}
