// Gradient flow on a choice of faces: p' = force - matrix p, with its spectrum, and the slopes of the loss that hold kinks.
//
// A problem has units, width, rows (points with a 1 appended), labels, scale, slopes {left, right}, the output weights
// `outer`, whether there is an output bias (`biased`, the last of all parameters), and the faces of one unit: sign
// vectors, each with its dimension and a vector inside. Signs are arrays of -1, 0, 1, one per example.

import { duals, image, inner, largest, orthonormal, product, spectrum, unitMatrix } from "./linear.js";

export class Problem {
  constructor(data) {
    Object.assign(this, data);
    this.size = this.units * this.width + (this.biased ? 1 : 0);
    this.fields = new Map();
    this.fans = new Map();
    this.mean = (this.slopes.left + this.slopes.right) / 2;
    const keys = this.rows.map((row) => row.join(","));
    this.first = keys.map((key) => keys.indexOf(key));
  }

  slope(sign) {
    return sign > 0 ? this.slopes.right : sign < 0 ? this.slopes.left : this.mean;
  }

  unitOf(point, unit) {
    return point.slice(unit * this.width, (unit + 1) * this.width);
  }

  heights(point) {
    const found = [];
    for (let j = 0; j < this.units; j += 1) {
      const own = this.unitOf(point, j);
      found.push(this.rows.map((row) => inner(row, own)));
    }
    return found;
  }

  // The signs of all pre-activations; what is small beside its terms counts as 0.
  signsAt(point, tolerance = 1e-13) {
    const greatest = largest(point);
    return this.heights(point).map((heights, j) => {
      const own = this.unitOf(point, j).map(Math.abs);
      return heights.map((z, i) => {
        const size = inner(this.rows[i].map(Math.abs), own) + greatest;
        return Math.abs(z) <= tolerance * size ? 0 : Math.sign(z);
      });
    });
  }

  outputs(point) {
    return this.rows.map((row) => this.outputAt(row, point));
  }

  // What the network puts out at the row (x, 1) of any point x.
  outputAt(row, point) {
    let total = this.biased ? point[this.size - 1] : 0;
    for (let j = 0; j < this.units; j += 1) total += this.outer[j] * this.activation(inner(row, this.unitOf(point, j)));
    return total;
  }

  activation(z) {
    return (z > 0 ? this.slopes.right : this.slopes.left) * z;
  }

  loss(point) {
    return this.scale * this.outputs(point).reduce((sum, f, i) => sum + (f - this.labels[i]) ** 2, 0);
  }

  // The gradient with torch's slope at kinks.
  gradient(point) {
    const heights = this.heights(point);
    const errors = this.outputs(point).map((f, i) => f - this.labels[i]);
    const found = new Array(this.size).fill(0);
    for (let j = 0; j < this.units; j += 1) {
      for (let i = 0; i < errors.length; i += 1) {
        const z = heights[j][i];
        const steep = z > 0 ? this.slopes.right : z < 0 ? this.slopes.left : this.slopes.kink;
        const factor = 2 * this.scale * errors[i] * this.outer[j] * steep;
        for (let c = 0; c < this.width; c += 1) found[j * this.width + c] += factor * this.rows[i][c];
      }
    }
    if (this.biased) found[this.size - 1] = 2 * this.scale * errors.reduce((sum, e) => sum + e, 0);
    return found;
  }

  // The examples at whose kinks a unit is, those with the same point together.
  kinks(face) {
    const groups = new Map();
    face.forEach((s, i) => {
      if (s === 0) groups.set(this.first[i], [...(groups.get(this.first[i]) ?? []), i]);
    });
    return [...groups.values()];
  }

  fan(face) {
    const key = face.join(",");
    if (!this.fans.has(key)) this.fans.set(key, facesAround(this, face));
    return this.fans.get(key);
  }

  field(signs) {
    const key = signs.map((face) => face.join(",")).join("|");
    if (!this.fields.has(key)) {
      if (this.fields.size > 20000) this.fields.clear();
      this.fields.set(key, new FaceField(this, signs));
    }
    return this.fields.get(key);
  }
}

// The faces that meet in a face, as sign vectors, and the rays across it, with how high the kinks are along each.
function facesAround(problem, face) {
  const groups = problem.kinks(face);
  const rows = groups.map((members) => problem.rows[members[0]]);
  const basis = orthonormal(rows);
  const around = problem.faces.filter((each) => face.every((s, i) => s === 0 || each.signs[i] === s));
  around.sort((a, b) => lexicographic(a.signs, b.signs));
  const tangled = basis.length < rows.length;
  let vectors = [];
  if (!tangled && rows.length) {
    vectors = duals(rows).flatMap((dual) => [dual.map((x) => -x), dual]);
  } else if (tangled) {
    const own = problem.faces.find((each) => each.signs.every((s, i) => s === face[i])).dimension;
    const near = around.filter((each) => each.dimension === own + 1);
    vectors = near.map((each) => within(basis, each.inside));
  }
  const rays = vectors.map((vector) => {
    const heights = rows.map((row) => {
      const z = inner(row, vector);
      return Math.abs(z) < 1e-12 ? 0 : z;
    });
    return { vector, heights };
  });
  return { groups, basis, tangled, rays, faces: around.map((each) => each.signs) };
}

function lexicographic(a, b) {
  const k = a.findIndex((s, i) => s !== b[i]);
  return k < 0 ? 0 : a[k] - b[k];
}

function within(basis, vector) {
  const found = vector.map(() => 0);
  for (const each of basis) {
    const share = inner(each, vector);
    for (let k = 0; k < found.length; k += 1) found[k] += share * each[k];
  }
  return found;
}

export class FaceField {
  constructor(problem, signs) {
    this.problem = problem;
    this.signs = signs;
    const { size, rows, labels, outer } = problem;
    const bias = problem.biased ? [1] : [];
    this.jacobian = rows.map((row, i) =>
      [...signs.flatMap((face, j) => row.map((x) => outer[j] * problem.slope(face[i]) * x)), ...bias]);
    const double = 2 * problem.scale;
    this.whole = unitMatrix(size).map((_, a) =>
      _.map((__, b) => double * this.jacobian.reduce((sum, row) => sum + row[a] * row[b], 0)));
    this.drive = _column(size, (a) => double * this.jacobian.reduce((sum, row, i) => sum + row[a] * labels[i], 0));
    this.projection = spanProjection(problem, signs);
    this.matrix = product(product(this.projection, this.whole), this.projection);
    this.force = image(this.projection, this.drive);
    const trace = this.whole.reduce((sum, row, k) => sum + row[k], 0);
    const modes = spectrum(this.matrix).filter((mode) => mode.value > 1e-11 * trace);
    this.rates = modes.map((mode) => mode.value);
    this.vectors = modes.map((mode) => mode.vector);
    this.rest = _column(size, (c) =>
      modes.reduce((sum, { value, vector }) => sum + (vector[c] * inner(vector, this.force)) / value, 0));
    this.known = new Map();
  }

  // The motion from a spot: level + sum of terms exp(-rates t). A spot is a point in two parts, base + fine: the limit
  // of the motion before, and what was left of the way there, however small.
  motion({ base, fine }) {
    const size = Math.max(largest(base), largest(this.rest), largest(fine));
    const away = base.map((x, c) => x - this.rest[c]);
    const level = base.slice();
    const terms = this.vectors.map((vector) => {
      const coarse = inner(vector, away);
      const own = Math.abs(coarse) <= 1e-12 * size ? 0 : coarse;
      const rest = inner(vector, fine);
      vector.forEach((x, c) => {
        level[c] -= own * x;
      });
      return vector.map((x) => (own + rest) * x);
    });
    const flat = fine.map((x, c) => this.vectors.reduce((sum, v) => sum - inner(v, fine) * v[c], x));
    return { level: level.map((x, c) => x + flat[c]), terms, rates: this.rates };
  }

  // The slopes of the loss along the rays away from the kinks that a unit is on; where kinks are independent there are
  // two for each, side -1 first. While none is negative the unit stays.
  guards(unit) {
    if (!this.known.has(unit)) {
      const { groups, rays } = this.problem.fan(this.signs[unit]);
      const rooms = groups.map((members) => this.room(unit, members));
      const found = rays.map(({ vector, heights }) => {
        const slope = this.along(unit, vector);
        rooms.forEach((room, k) => addTo(slope, room, Math.abs(heights[k])));
        return slope;
      });
      this.known.set(unit, found);
    }
    return this.known.get(unit);
  }

  along(unit, vector) {
    const start = unit * this.problem.width;
    const row = new Array(this.problem.size).fill(0);
    let constant = 0;
    vector.forEach((x, c) => {
      for (let a = 0; a < row.length; a += 1) row[a] += x * this.whole[start + c][a];
      constant -= x * this.drive[start + c];
    });
    return { row, constant };
  }

  // Half the bend times the slope of the loss in the outputs at a kink.
  room(unit, members) {
    const { slopes, scale, labels, size, outer } = this.problem;
    const factor = outer[unit] * (slopes.right - slopes.left) * scale;
    return {
      row: _column(size, (a) => factor * members.reduce((sum, i) => sum + this.jacobian[i][a], 0)),
      constant: -factor * members.reduce((sum, i) => sum + labels[i], 0),
    };
  }

  // The time derivative of row . p along the motion.
  speedOf(row) {
    const sizes = row.map(Math.abs);
    const turned = this.matrix.map((each) => snapped(-inner(each, row), inner(each.map(Math.abs), sizes)));
    return { row: turned, constant: snapped(inner(row, this.force), inner(sizes, this.force.map(Math.abs))) };
  }

  normalSpeed(unit, example) {
    const row = new Array(this.problem.size).fill(0);
    this.problem.rows[example].forEach((x, c) => {
      row[unit * this.problem.width + c] = x;
    });
    return this.speedOf(row);
  }
}

function _column(size, entry) {
  return Array.from({ length: size }, (_, k) => entry(k));
}

// A sum, or 0 where it is small beside the size of its terms.
function snapped(total, size) {
  return Math.abs(total) <= 1e-13 * size ? 0 : total;
}

export function addTo(functional, other, factor) {
  other.row.forEach((x, k) => {
    functional.row[k] += factor * x;
  });
  functional.constant += factor * other.constant;
}

// The orthogonal projection onto the span of a choice of faces, unit by unit.
function spanProjection(problem, signs) {
  const found = unitMatrix(problem.size);
  signs.forEach((face, j) => {
    const held = orthonormal(problem.kinks(face).map((members) => problem.rows[members[0]]));
    const start = j * problem.width;
    for (const each of held) {
      each.forEach((x, a) => each.forEach((y, b) => {
        found[start + a][start + b] -= x * y;
      }));
    }
  });
  return found;
}
