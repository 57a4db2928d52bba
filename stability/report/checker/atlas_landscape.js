// A landscape in whole numbers, as records about all stationary sets need it.

import { bitLength, divisor, magnitude, rational } from "./rational.js";
import { inner, mixture, primitive, rankOf } from "./vectors.js";

/** The least common denominator of rational numbers. */
function commonDenominator(numbers, meter) {
  let found = 1n;
  for (const { bottom } of numbers) {
    found = (found / divisor(found, bottom)) * bottom;
    meter.spend(1, bitLength(found));
  }
  return found;
}

/** The line on which a row stands, and how long the row is in terms of its direction; nothing for a row of zeros. */
function lineOf(row) {
  const first = row.find((x) => x !== 0n);
  if (first === undefined) return null;
  const direction = primitive(first < 0n ? row.map((x) => -x) : row);
  const c = row.findIndex((x) => x !== 0n);
  return { key: direction.join(), length: magnitude(row[c] / direction[c]) };
}

/** Data and slopes times positive numbers, labels less their mean where there is an output bias. */
export class WholeLandscape {
  constructor(data, meter) {
    this.data = data;
    this.meter = meter;
    this.units = data.units;
    this.size = data.examples;
    this.width = data.width;
    this.centred = data.outputBias;
    this.trained = data.weights === null;
    const total = data.labels.reduce((sum, y) => sum.plus(y));
    this.middle = this.centred ? total.over(rational(this.size)) : rational(0);
    this.labels = data.labels.map((y) => y.minus(this.middle));
    const factor = commonDenominator(data.rows.flat(), meter);
    this.rows = data.rows.map((row) => row.map((x) => (x.top * factor) / x.bottom));
    const sides = [-1, 0, 1].map((side) => data.slopes[side]);
    const steep = commonDenominator(sides, meter);
    const [low, kink, high] = sides.map((x) => (x.top * steep) / x.bottom);
    this.slopes = { "-1": low, 0: kink, 1: high };
    this.area = this.size * this.width;
    this.bits = Math.max(...[...this.rows.flat(), low, kink, high].map((x) => bitLength(magnitude(x))));
    this.spend(this.area * this.width);
    this.rank = rankOf(this.rows);
    this.lines = this.rows.map(lineOf);
    this.slots = this.slotsOf(data.weights);
  }

  spend(steps) {
    this.meter.spend(steps, this.bits);
  }

  /** Units that can be permuted: {signs, silent, units}, the signs of their output weights and their numbers. */
  slotsOf(weights) {
    const all = Array.from({ length: this.units }, (_, j) => j);
    if (weights === null) return [{ signs: [1, -1], silent: true, units: all }];
    const found = [1, -1].map((sign) => {
      return { signs: [sign], silent: false, units: all.filter((j) => weights[j].sign() === sign) };
    });
    return found.filter(({ units }) => units.length > 0);
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

  /** What a unit with an output weight of this sign puts out, less the mean where there is an output bias. */
  generator(vector, sign) {
    const outputs = this.heights(vector).map((z) => (sign < 0 ? -this.unitOutput(z) : this.unitOutput(z)));
    if (!this.centred) return primitive(outputs);
    const total = outputs.reduce((a, b) => a + b, 0n);
    return primitive(outputs.map((f) => BigInt(this.size) * f - total));
  }

  /** The derivative of half the loss in the parameters of a unit with these signs, times a positive number. */
  gradient(errors, signs) {
    return mixture(errors.map((e, i) => (e === 0n ? 0n : e * this.slopes[signs[i]])), this.rows, this.width);
  }
}
