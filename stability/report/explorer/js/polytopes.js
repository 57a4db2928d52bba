// What a picture shows of the points where linear forms have given signs and values: convex bodies in a square or cube.

import { inner, orthonormal } from "./linear.js";

const SMALL = 1e-9;

// The body of all x with |x_k| <= span, form . x + constant = 0 for `equal` and >= 0 for `above`; null if it has no
// point at which all of `above` are positive. Returns {dimension, spots, sides}.
export function bodyIn(size, span, equal, above) {
  const box = [];
  for (let k = 0; k < size; k += 1) {
    for (const side of [-1, 1]) box.push({ row: Array.from({ length: size }, (_, c) => (c === k ? side : 0)), constant: span });
  }
  const flat = solutionOf(size, equal, span);
  if (flat === null) return null;
  const { origin, basis } = flat;
  const reduce = ({ row, constant }) => ({ row: basis.map((each) => inner(row, each)), constant: constant + inner(row, origin) });
  const strict = above.map(reduce);
  const all = [...box.map(reduce), ...strict];
  const corners = cornersOf(basis.length, all, span);
  if (!corners.length) return null;
  const middle = corners[0].map((_, k) => corners.reduce((sum, each) => sum + each[k], 0) / corners.length);
  if (strict.some((form) => inner(form.row, middle) + form.constant <= SMALL * span)) return null;
  const lift = (y) => origin.map((x, c) => basis.reduce((sum, each, k) => sum + y[k] * each[c], x));
  const dimension = rankOf(corners);
  if (dimension < basis.length && dimension < 2) return shapeOf(dimension, corners, lift, all);
  return shapeOf(basis.length, corners, lift, all);
}

function rankOf(corners) {
  return orthonormal(corners.slice(1).map((each) => each.map((x, k) => x - corners[0][k]))).length;
}

// A point and an orthonormal basis of the solutions of some equations; null if there are none.
function solutionOf(size, equal, span) {
  const rows = [];
  const origin = new Array(size).fill(0);
  for (const { row, constant } of equal) {
    const length = Math.sqrt(inner(row, row));
    const left = inner(row, origin) + constant;
    let rest = row.slice();
    for (const each of rows) {
      const share = inner(rest, each);
      rest = rest.map((x, k) => x - share * each[k]);
    }
    const free = Math.sqrt(inner(rest, rest));
    if (free <= SMALL * Math.max(length, SMALL)) {
      if (Math.abs(left) > SMALL * Math.max(1, span * length)) return null;
      continue;
    }
    const unit = rest.map((x) => x / free);
    const share = left / inner(row, unit);
    unit.forEach((x, k) => {
      origin[k] -= share * x;
    });
    rows.push(unit);
  }
  const axes = Array.from({ length: size }, (_, k) => Array.from({ length: size }, (__, c) => (c === k ? 1 : 0)));
  return { origin, basis: orthonormal([...rows, ...axes]).slice(rows.length) };
}

function cornersOf(size, forms, span) {
  if (size === 0) return forms.every((form) => form.constant >= -SMALL * span) ? [[]] : [];
  const found = [];
  const keep = (spot) => {
    if (!spot || forms.some((form) => inner(form.row, spot) + form.constant < -SMALL * span * 10)) return;
    if (!found.some((each) => each.every((x, k) => Math.abs(x - spot[k]) <= 1e-7 * span))) found.push(spot);
  };
  const usable = forms.filter((form) => Math.sqrt(inner(form.row, form.row)) > SMALL);
  if (forms.some((form) => !usable.includes(form) && form.constant < -SMALL * span)) return [];
  const choose = (first, chosen) => {
    if (chosen.length === size) {
      keep(meeting(chosen));
      return;
    }
    for (let k = first; k < usable.length; k += 1) choose(k + 1, [...chosen, usable[k]]);
  };
  choose(0, []);
  return found;
}

function meeting(forms) {
  const [a, b, c] = forms.map((form) => form.row);
  const [p, q, r] = forms.map((form) => -form.constant);
  if (forms.length === 1) return [p / a[0]];
  if (forms.length === 2) {
    const area = a[0] * b[1] - a[1] * b[0];
    return Math.abs(area) < SMALL ? null : [(p * b[1] - q * a[1]) / area, (a[0] * q - b[0] * p) / area];
  }
  const bc = cross(b, c);
  const volume = inner(a, bc);
  if (Math.abs(volume) < SMALL) return null;
  const [ca, ab] = [cross(c, a), cross(a, b)];
  return [0, 1, 2].map((k) => (p * bc[k] + q * ca[k] + r * ab[k]) / volume);
}

export function cross([a, b, c], [x, y, z]) {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}

function shapeOf(dimension, corners, lift, forms) {
  if (dimension < 2) return { dimension, spots: corners.map(lift), sides: [corners.map(lift)] };
  if (dimension === 2) {
    const spots = around(corners).map(lift);
    return { dimension, spots, sides: [spots] };
  }
  const sides = [];
  for (const form of forms) {
    const rim = corners.filter((spot) => Math.abs(inner(form.row, spot) + form.constant) <= 1e-7);
    const known = sides.some((side) => side.length === rim.length && rim.every((spot) => side.includes(spot)));
    if (rim.length > 2 && !known) sides.push(rim);
  }
  return { dimension, spots: corners.map(lift), sides: sides.map((rim) => aroundInSpace(rim).map(lift)) };
}

function around(corners) {
  const middle = [0, 1].map((k) => corners.reduce((sum, each) => sum + each[k], 0) / corners.length);
  const angle = (spot) => Math.atan2(spot[1] - middle[1], spot[0] - middle[0]);
  return corners.slice().sort((a, b) => angle(a) - angle(b));
}

function aroundInSpace(rim) {
  const basis = orthonormal(rim.slice(1).map((spot) => spot.map((x, k) => x - rim[0][k]))).slice(0, 2);
  const flat = rim.map((spot) => ({ spot, at: basis.map((each) => inner(each, spot)) }));
  const order = around(flat.map((each) => each.at));
  return order.map((at) => flat.find((each) => each.at === at).spot);
}
