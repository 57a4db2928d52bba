// Vectors of whole numbers: lists of BigInts.

import { divisor } from "./rational.js";

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
