// Polynomials with rational coefficients in the variables of a record and square roots of whole numbers.
// A polynomial is a Map from the number of a monomial to its coefficient, without zeros; monomial 0 is 1.

import { MOST, ONE, SHORT, ZERO, bitLength, need, rational, within } from "./rational.js";

const UNIT = 0;
const WIDE = 67108864; // more monomials than that are never met: their products are numbered in pairs

/** The constant polynomial. */
export function constantOf(value) {
  return value.isZero() ? new Map() : new Map([[UNIT, value]]);
}

/** Whether a polynomial is a rational number other than 0. */
function isPlain(p) {
  return p.size === 1 && p.has(UNIT);
}

function bitsOf(p) {
  let most = 0;
  for (const c of p.values()) most = Math.max(most, c.bits());
  return most;
}

/** All polynomials of one record: names of their variables, their monomials, and a meter for the work on them. */
export class Algebra {
  constructor(meter) {
    this.meter = meter;
    this.indices = new Map();
    this.below = []; // per variable the whole number whose root it is, or null
    this.monomials = [{ powers: [], degree: 0, root: null }];
    this.numbered = new Map([["", UNIT]]);
    this.products = new Map();
  }

  /** The number of a monomial, given by its pairs [variable, power] in the order of the variables. */
  monomial(powers) {
    const key = powers.join(";");
    let found = this.numbered.get(key);
    if (found === undefined) {
      found = this.monomials.length;
      const degree = powers.reduce((sum, [, power]) => sum + power, 0);
      within(degree, Number.MAX_SAFE_INTEGER, "as the degree of a polynomial");
      const root = degree === 1 ? this.below[powers[0][0]] : null;
      this.monomials.push({ powers, degree, root });
      this.numbered.set(key, found);
    }
    return found;
  }

  indexed(name, below) {
    if (!this.indices.has(name)) {
      this.indices.set(name, this.below.length);
      this.below.push(below);
    }
    return this.monomial([[this.indices.get(name), 1]]);
  }

  /** The polynomial that is a variable. */
  variable(name) {
    return new Map([[this.indexed(name, null), ONE]]);
  }

  /** A multiple of the square root of a whole number. */
  root(below, factor = ONE) {
    return factor.isZero() ? new Map() : new Map([[this.indexed(`sqrt(${below})`, below), factor]]);
  }

  /** The product of two monomials: its number, and what squares of roots leave as a factor (or null). */
  joined(a, b) {
    if (a === UNIT || b === UNIT) return { monomial: a + b, factor: null };
    const key = a < b ? a * WIDE + b : b * WIDE + a;
    let found = this.products.get(key);
    if (found === undefined) {
      found = this.merged(this.monomials[a].powers, this.monomials[b].powers);
      this.products.set(key, found);
    }
    return found;
  }

  merged(a, b) {
    const powers = [];
    let factor = null;
    for (let j = 0, k = 0; j < a.length || k < b.length; ) {
      const first = k === b.length || (j < a.length && a[j][0] < b[k][0]);
      if (first || j === a.length || a[j][0] !== b[k][0]) {
        powers.push(first ? a[j++] : b[k++]);
        continue;
      }
      const below = this.below[a[j][0]];
      if (below === null) powers.push([a[j][0], a[j][1] + b[k][1]]);
      else factor = (factor ?? ONE).times(rational(below));
      j += 1;
      k += 1;
    }
    return { monomial: this.monomial(powers), factor };
  }

  /** The sum of [factor, polynomial] pairs, the factors being rational numbers. */
  combination(terms) {
    const found = new Map();
    for (const [factor, p] of terms) {
      this.meter.spend(1 + 2 * p.size, bitsOf(p));
      if (factor.isZero()) continue;
      for (const [monomial, c] of p) this.collect(found, monomial, factor === ONE ? c : factor.times(c));
      within(found.size, MOST.terms, "terms of a polynomial");
    }
    return found;
  }

  /** Add a term to a sum; work on long denominators grows with the square of their length. */
  collect(found, monomial, c) {
    const before = found.get(monomial);
    if (before === undefined) {
      found.set(monomial, c);
      return;
    }
    if (before.bottom >= SHORT || c.bottom >= SHORT) {
      const long = bitLength(before.bottom) + bitLength(c.bottom);
      this.meter.spend(Math.floor(long / 512), long);
    }
    const sum = before.plus(c);
    if (sum.isZero()) found.delete(monomial);
    else found.set(monomial, sum);
  }

  plus(p, q) {
    return this.combination([[ONE, p], [ONE, q]]);
  }

  minus(p, q) {
    return this.combination([[ONE, p], [rational(-1), q]]);
  }

  scaled(factor, p) {
    return this.combination([[factor, p]]);
  }

  times(p, q) {
    if (isPlain(q)) return this.scaled(q.get(UNIT), p);
    if (isPlain(p)) return this.scaled(p.get(UNIT), q);
    const found = new Map();
    this.meter.spend(1 + 6 * p.size * q.size, bitsOf(p) + bitsOf(q));
    for (const [a, x] of p) {
      for (const [b, y] of q) {
        const { monomial, factor } = this.joined(a, b);
        const c = x.times(y);
        this.collect(found, monomial, factor === null ? c : c.times(factor));
      }
      within(found.size, MOST.terms, "terms of a polynomial");
    }
    return found;
  }

  power(p, exponent) {
    let found = constantOf(ONE);
    for (let k = 0; k < exponent; k += 1) found = this.times(found, p);
    return found;
  }

  /** The highest degree of a monomial, roots counted like variables. */
  degree(p) {
    let most = 0;
    for (const monomial of p.keys()) most = Math.max(most, this.monomials[monomial].degree);
    return most;
  }

  /** Whether a polynomial is a number a + b sqrt(n). */
  isNumber(p) {
    let roots = 0;
    for (const monomial of p.keys()) {
      if (monomial === UNIT) continue;
      if (this.monomials[monomial].root === null) return false;
      roots += 1;
    }
    return roots < 2;
  }

  /** The value of a polynomial that must be a number; of an irrational one only the sign, as 1 or -1. */
  number(p) {
    need(this.isNumber(p), "a number was needed here");
    const a = p.get(UNIT) ?? ZERO;
    for (const [monomial, b] of p) {
      if (monomial === UNIT) continue;
      const square = b.times(b).times(rational(this.monomials[monomial].root));
      return rational(a.times(a).compare(square) > 0 ? a.sign() : b.sign());
    }
    return a;
  }

  /** A text that all positive and negative multiples of a polynomial share, and the sign of this one among them. */
  ray(p) {
    const monomials = [...p.keys()].sort((a, b) => a - b);
    const lead = p.get(monomials[monomials.length - 1]);
    return [monomials.map((m) => `${m}:${p.get(m).over(lead)}`).join(";"), lead.sign()];
  }
}
