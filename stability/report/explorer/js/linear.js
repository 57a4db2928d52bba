// Small dense linear algebra in floats: products, orthogonal projections, and the spectrum of symmetric matrices.

export function inner(a, b) {
  let total = 0;
  for (let k = 0; k < a.length; k += 1) total += a[k] * b[k];
  return total;
}

export function image(matrix, vector) {
  return matrix.map((row) => inner(row, vector));
}

export function product(a, b) {
  const columns = b[0].map((_, c) => b.map((row) => row[c]));
  return a.map((row) => columns.map((column) => inner(row, column)));
}

export function largest(vector) {
  let found = 0;
  for (const x of vector) found = Math.max(found, Math.abs(x));
  return found;
}

export function unitMatrix(size) {
  return Array.from({ length: size }, (_, r) => Array.from({ length: size }, (__, c) => (r === c ? 1 : 0)));
}

// An orthonormal basis of the span of some rows: rows that depend on earlier ones are left out.
export function orthonormal(rows) {
  const basis = [];
  for (const row of rows) {
    const size = Math.sqrt(inner(row, row));
    let rest = row.slice();
    for (let round = 0; round < 2; round += 1) {
      for (const each of basis) {
        const share = inner(rest, each);
        rest = rest.map((x, k) => x - share * each[k]);
      }
    }
    const length = Math.sqrt(inner(rest, rest));
    if (length > 1e-9 * size && size > 0) basis.push(rest.map((x) => x / length));
  }
  return basis;
}

// Vectors in the span of independent rows along which one of them grows by 1 and the others stay.
export function duals(rows) {
  const gram = rows.map((a) => rows.map((b) => inner(a, b)));
  const inverse = inverted(gram);
  return inverse.map((shares) => rows[0].map((_, c) => inner(shares, rows.map((row) => row[c]))));
}

// The inverse of a small regular matrix, by Gauss and Jordan with pivots.
export function inverted(matrix) {
  const size = matrix.length;
  const table = matrix.map((row, r) => [...row, ...unitMatrix(size)[r]]);
  for (let c = 0; c < size; c += 1) {
    let pivot = c;
    for (let r = c + 1; r < size; r += 1) if (Math.abs(table[r][c]) > Math.abs(table[pivot][c])) pivot = r;
    [table[c], table[pivot]] = [table[pivot], table[c]];
    const lead = table[c][c];
    table[c] = table[c].map((x) => x / lead);
    for (let r = 0; r < size; r += 1) {
      const factor = table[r][c];
      if (r !== c && factor) table[r] = table[r].map((x, k) => x - factor * table[c][k]);
    }
  }
  return table.map((row) => row.slice(size));
}

// The eigenvalues and orthonormal eigenvectors of a symmetric matrix, by Jacobi's rotations.
export function spectrum(matrix) {
  const size = matrix.length;
  const a = matrix.map((row) => row.slice());
  const vectors = unitMatrix(size);
  for (let sweep = 0; sweep < 60; sweep += 1) {
    let off = 0;
    let whole = 0;
    for (let r = 0; r < size; r += 1) {
      for (let c = 0; c < size; c += 1) {
        whole += a[r][c] * a[r][c];
        if (r !== c) off += a[r][c] * a[r][c];
      }
    }
    if (off <= 1e-34 * whole) break;
    for (let p = 0; p < size; p += 1) for (let q = p + 1; q < size; q += 1) rotate(a, vectors, p, q);
  }
  return vectors.map((vector, k) => ({ value: a[k][k], vector }));
}

function rotate(a, vectors, p, q) {
  if (a[p][q] === 0) return;
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < a.length; k += 1) {
    const x = a[k][p];
    const y = a[k][q];
    a[k][p] = c * x - s * y;
    a[k][q] = s * x + c * y;
  }
  for (let k = 0; k < a.length; k += 1) {
    const x = a[p][k];
    const y = a[q][k];
    a[p][k] = c * x - s * y;
    a[q][k] = s * x + c * y;
    const u = vectors[p][k];
    const v = vectors[q][k];
    vectors[p][k] = c * u - s * v;
    vectors[q][k] = s * u + c * v;
  }
}
