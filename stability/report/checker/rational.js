// Exact rational numbers, the limits of the checker, and its refusal of a record.
// See docs/certificates.md; nothing here comes from the Python checker.

/** The record does not prove what it says, or is not written as the documentation wants it. */
export class Refusal extends Error {}

/** There is no record: the text is no JSON, or no object with a format. */
export class NoRecord extends Refusal {}

/** Refuse the record unless a condition holds. */
export function need(condition, reason) {
  if (!condition) throw new Refusal(reason);
}

/** At most so much of anything; the table of docs/certificates.md. */
export const MOST = {
  characters: 67108864,
  lists: 4000000,
  values: 40000000,
  depth: 400,
  digits: 4300,
  bits: 100000,
  name: 80,
  units: 1000,
  statements: 40,
  formula: 200000,
  brackets: 80,
  exponent: 1000,
  root: 1000000000000n,
  terms: 50000,
};

/** Refuse the record if something passes its limit. */
export function within(value, most, what) {
  if (value > most) throw new Refusal(`beyond a limit of the checker: at most ${most} ${what}`);
}

/** How much work a record may still ask for, in steps of about a microsecond. */
export class Meter {
  constructor(size, rate) {
    this.size = size;
    this.total = 1200000 + rate * Math.max(0, size - 2048);
    this.left = this.total;
  }

  /** Take steps on numbers of so many bits away, before they are made. */
  spend(steps, bits = 0) {
    within(bits, MOST.bits, "bits of a number on the way");
    this.left -= steps * (1 + Math.floor(bits / 512));
    if (this.left < 0) {
      throw new Refusal(
        `beyond a limit of the checker: at most ${this.total} steps for a record of ${this.size} characters`,
      );
    }
  }
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
export const SHORT = 1n << 480n;

/** The absolute value of a BigInt. */
export function magnitude(x) {
  return x < 0n ? -x : x;
}

/** The greatest common divisor of two BigInts, at least 0. */
export function divisor(a, b) {
  let x = magnitude(a);
  let y = magnitude(b);
  while (y > SAFE) [x, y] = [y, x % y];
  if (y === 0n) return x;
  let small = Number(y);
  let rest = Number(x % y);
  while (rest !== 0) [small, rest] = [rest, small % rest];
  return BigInt(small);
}

/** How many binary digits a BigInt has. */
export function bitLength(x) {
  const digits = magnitude(x).toString(16);
  return digits === "0" ? 0 : 4 * (digits.length - 1) + (32 - Math.clz32(parseInt(digits[0], 16)));
}

/** The largest whole number whose square is at most x. */
export function wholeRoot(x) {
  if (x < 2n) return x;
  let guess = 1n << BigInt((bitLength(x) + 1) >> 1);
  for (;;) {
    const next = (guess + x / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** A quotient in lowest terms with a positive denominator. */
export class Rational {
  constructor(top, bottom) {
    this.top = top;
    this.bottom = bottom;
  }

  plus(other) {
    if (this.bottom === 1n && other.bottom === 1n) return new Rational(this.top + other.top, 1n);
    if (this.bottom === other.bottom) return quotient(this.top + other.top, this.bottom);
    return quotient(this.top * other.bottom + other.top * this.bottom, this.bottom * other.bottom);
  }

  minus(other) {
    return this.plus(other.negative());
  }

  times(other) {
    if (this.bottom === 1n && other.bottom === 1n) return new Rational(this.top * other.top, 1n);
    return quotient(this.top * other.top, this.bottom * other.bottom);
  }

  over(other) {
    need(other.top !== 0n, "only numbers other than 0 can be divided by");
    return quotient(this.top * other.bottom, this.bottom * other.top);
  }

  negative() {
    return new Rational(-this.top, this.bottom);
  }

  size() {
    return new Rational(magnitude(this.top), this.bottom);
  }

  sign() {
    return this.top > 0n ? 1 : this.top < 0n ? -1 : 0;
  }

  isZero() {
    return this.top === 0n;
  }

  equals(other) {
    return this.top === other.top && this.bottom === other.bottom;
  }

  /** -1, 0 or 1 as this is less than, equal to or greater than the other. */
  compare(other) {
    const left = this.top * other.bottom;
    const right = other.top * this.bottom;
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** A bound of the bits of both parts, 0 while they are short. */
  bits() {
    if (this.top < SHORT && this.top > -SHORT && this.bottom < SHORT) return 0;
    return bitLength(this.top) + bitLength(this.bottom);
  }

  toString() {
    return this.bottom === 1n ? `${this.top}` : `${this.top}/${this.bottom}`;
  }
}

/** The rational number top / bottom of two BigInts. */
export function quotient(top, bottom) {
  const common = divisor(top, bottom) * (bottom < 0n ? -1n : 1n);
  return common === 1n ? new Rational(top, bottom) : new Rational(top / common, bottom / common);
}

/** A whole number, given as Number or BigInt, as a rational. */
export function rational(whole) {
  return new Rational(BigInt(whole), 1n);
}

export const ZERO = rational(0);
export const ONE = rational(1);

const NUMERAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+|\/[1-9][0-9]*)?$/;
const SURD = /^(?:(-?[0-9]+(?:\/[1-9][0-9]*)?) \+ )?(?:(-?[0-9]+(?:\/[1-9][0-9]*)?)\*)?sqrt\(([1-9][0-9]*)\)$/;

/** The number that a text such as 3, -3/4 or 0.25 stands for. */
export function exact(text, where) {
  need(
    typeof text === "string" && NUMERAL.test(text),
    `${where}: expected a number as text, like "3", "-3/4" or "0.25"; got ${excerpt(text)}`,
  );
  const [first, second] = text.split("/");
  within(Math.max(first.length, second === undefined ? 0 : second.length), MOST.digits, "digits of a number");
  if (second !== undefined) return quotient(BigInt(first), BigInt(second));
  const point = first.indexOf(".");
  if (point < 0) return rational(first);
  const decimals = first.length - point - 1;
  return quotient(BigInt(first.slice(0, point) + first.slice(point + 1)), 10n ** BigInt(decimals));
}

/** The parts [a, b, n] of the number a + b sqrt(n) that a text stands for; n is 0 where there is no root. */
export function surd(text, where) {
  const found = typeof text === "string" ? SURD.exec(text) : null;
  if (found === null) return [exact(text, where), ZERO, 0n];
  within(found[3].length, 13, "digits below a square root");
  const below = BigInt(found[3]);
  within(below, MOST.root, "below a square root");
  need(wholeRoot(below) ** 2n !== below, `${where}: expected no square below a square root`);
  return [exact(found[1] ?? "0", where), exact(found[2] ?? "1", where), below];
}

/** A value of a record in a few words, for a reason. */
export function excerpt(value) {
  if (value instanceof Map) return `an object with ${value.size} keys`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return String(value).slice(0, 60);
}
