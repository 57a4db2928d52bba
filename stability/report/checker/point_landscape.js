// The functions of a landscape at points that are given by polynomials, where the signs at its kinks are known.
// A constraint [p, relation] says how the polynomial p compares with 0: ">", ">=", "=" or "!=".

import { constantOf } from "./polynomials.js";
import { ONE, need, rational } from "./rational.js";

const TRUE = [constantOf(ONE), ">"];
const FALSE = [constantOf(rational(-1)), ">"];

/** A landscape of the record, evaluated with `sign`, which gives the sign of a polynomial or throws. */
export class PointLandscape {
  constructor(data, algebra) {
    this.data = data;
    this.algebra = algebra;
    const { slopes } = data;
    this.factor = data.mean ? ONE.over(rational(data.examples)) : ONE;
    this.low = slopes["-1"].compare(slopes[1]) < 0 ? slopes["-1"] : slopes[1];
    this.high = this.low === slopes[1] ? slopes["-1"] : slopes[1];
    this.straight = this.low.equals(this.high);
  }

  /** The pre-activation of a unit at an example. */
  activation(p, j, i) {
    const { width, rows } = this.data;
    return this.algebra.combination(rows[i].map((x, c) => [x, p[j * width + c]]));
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

  /** Per example the Taylor coefficients of the error along p + t d + t^2 a / 2, from the right. */
  errors(sign, table, order) {
    return table.map((units, i) => {
      const taylor = Array.from({ length: order }, () => []);
      taylor[0].push([ONE, constantOf(this.data.labels[i].negative())]);
      for (const parts of units) {
        let side = 0;
        for (let k = 0; k < order && side === 0; k += 1) side = sign(parts[k]);
        if (side !== 0) for (let k = 0; k < order; k += 1) taylor[k].push([this.data.slopes[side], parts[k]]);
      }
      return taylor.map((terms) => this.algebra.combination(terms));
    });
  }

  /** (1 or 1/n) times the sum over the examples of [factor, product] pairs. */
  summed(parts) {
    return this.algebra.combination(parts.map(([factor, p]) => [this.factor.times(rational(factor)), p]));
  }

  loss(sign, p) {
    const errors = this.errors(sign, this.activations(p), 1);
    return this.summed(errors.map(([e]) => [1, this.algebra.times(e, e)]));
  }

  d1(sign, p, d) {
    const errors = this.errors(sign, this.activations(p, d), 2);
    return this.summed(errors.map(([e, first]) => [2, this.algebra.times(e, first)]));
  }

  d2(sign, p, d, a) {
    const errors = this.errors(sign, this.activations(p, d, a), 3);
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
    const table = this.activations(p, d);
    const parts = [];
    this.errors(sign, table, 1).forEach(([e], i) => {
      table[i].forEach(([z, along], j) => {
        if (along.size === 0) return;
        const slope = this.data.slopes[chosen(z, j, i)];
        parts.push([2, this.algebra.scaled(slope, this.algebra.times(e, along))]);
      });
    });
    return this.summed(parts);
  }

  pre(sign, p, j, i) {
    return this.activation(p, j, i);
  }

  out(sign, p, i) {
    const parts = [];
    for (let j = 0; j < this.data.units; j += 1) {
      const z = this.activation(p, j, i);
      const side = sign(z);
      if (side !== 0) parts.push([this.data.slopes[side], z]);
    }
    return this.algebra.combination(parts);
  }

  generic(sign, p, u) {
    let enters = true;
    for (const units of this.activations(p, u)) {
      for (const [z, into] of units) if (sign(z) === 0 && sign(into) === 0) enters = false;
    }
    return [enters ? TRUE : FALSE];
  }

  differentiable(sign, p) {
    const table = this.activations(p);
    const errors = this.errors(sign, table, 1);
    const forces = [];
    for (let j = 0; j < this.data.units && !this.straight; j += 1) {
      const places = new Map();
      table.forEach((units, i) => {
        if (sign(units[j][0]) !== 0) return;
        const place = this.data.rows[i].join(" ");
        places.set(place, [...(places.get(place) ?? []), [ONE, errors[i][0]]]);
      });
      for (const terms of places.values()) forces.push([this.algebra.combination(terms), "="]);
    }
    return [TRUE, ...forces];
  }

  twice_differentiable(sign, p) {
    const { units, slopes } = this.data;
    const square = units === 1 && slopes[1].equals(slopes["-1"].negative());
    let smooth = true;
    if (!this.straight && !square) {
      for (const row of this.activations(p)) for (const [z] of row) if (sign(z) === 0) smooth = false;
    }
    return [...this.differentiable(sign, p), smooth ? TRUE : FALSE];
  }

  rest(sign, p, s) {
    const { units, width, examples, rows, slopes } = this.data;
    const table = this.activations(p);
    const gradient = p.map(() => []);
    const bounds = [];
    this.errors(sign, table, 1).forEach(([e], i) => {
      for (let j = 0; j < units; j += 1) {
        const side = sign(table[i][j][0]);
        const free = s[j * examples + i];
        if (side === 0) {
          bounds.push([this.algebra.minus(free, constantOf(this.low)), ">="]);
          bounds.push([this.algebra.minus(constantOf(this.high), free), ">="]);
        }
        const force = side === 0 ? this.algebra.times(e, free) : this.algebra.scaled(slopes[side], e);
        rows[i].forEach((x, c) => gradient[j * width + c].push([x, force]));
      }
    });
    return [...gradient.map((terms) => [this.algebra.combination(terms), "="]), ...bounds];
  }
}
