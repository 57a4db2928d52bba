// Exact fractions as pairs of BigInt, and rational functions of one parameter.

function greatestDivisor(a, b) {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y) [x, y] = [y, x % y];
  return x;
}

export function fractionOf(top, bottom = 1n) {
  const common = greatestDivisor(top, bottom) || 1n;
  const sign = bottom < 0n ? -1n : 1n;
  return { top: (sign * top) / common, bottom: (sign * bottom) / common };
}

export function parsedFraction(text) {
  const [top, bottom = "1"] = text.split("/");
  return fractionOf(BigInt(top), BigInt(bottom));
}

export function sumOf(a, b) {
  return fractionOf(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
}

export function timesOf(a, b) {
  return fractionOf(a.top * b.top, a.bottom * b.bottom);
}

export function fractionText({ top, bottom }) {
  return bottom === 1n ? String(top) : `${top}/${bottom}`;
}

// The nearest float, also where numerator and denominator are beyond floats.
export function fractionFloat({ top, bottom }) {
  const [a, b] = [Number(top), Number(bottom)];
  if (Number.isFinite(a) && Number.isFinite(b)) return a / b;
  const shift = BigInt(Math.max(String(top).length, String(bottom).length) - 17);
  return Number(top / 10n ** shift) / Number(bottom / 10n ** shift);
}

// The value of a function {n, d}, coefficients as text, constant term first, at an exact parameter.
export function functionAt({ n, d }, parameter) {
  const below = polynomialAt(d, parameter);
  const above = polynomialAt(n, parameter);
  return fractionOf(above.top * below.bottom, above.bottom * below.top);
}

function polynomialAt(coefficients, parameter) {
  let total = fractionOf(0n);
  for (let k = coefficients.length - 1; k >= 0; k -= 1) {
    total = sumOf(timesOf(total, parameter), parsedFraction(coefficients[k]));
  }
  return total;
}

// The same in floats, for curves.
export function functionNear({ n, d }, parameter) {
  const horner = (coefficients) => coefficients.reduceRight((sum, c) => sum * parameter + fractionFloat(parsedFraction(c)), 0);
  return horner(n) / horner(d);
}

const LONG = 13;

// A number exactly where that is short, else rounded, with ~ in front.
export function shownFraction(fraction) {
  const text = fractionText(fraction);
  return text.length <= LONG ? text : `~${Number(fractionFloat(fraction).toPrecision(6))}`;
}
