// Sign patterns of one unit on the data of a landscape, by a search that is replayed: a tree over the signs of
// pre-activations, in which a sign that is forced comes with its reason.

import { need } from "./rational.js";
import { rankOf } from "./vectors.js";

/** Whether all that is 0 in one of two lists, and has another sign in none, lies in the closure of the other. */
export function inClosure(small, large) {
  for (let i = 0; i < small.length; i += 1) if (small[i] !== 0 && small[i] !== large[i]) return false;
  return true;
}

/** All faces of one unit: their signs, the rays in the closure of each, their kinks and codimensions. */
export class Arrangement {
  constructor(land, tree, rays) {
    this.land = land;
    this.faces = [];
    this.index = new Map();
    this.nodes = [];
    this.replay(tree);
    this.origin = this.index.get(Array(land.size).fill(0).join());
    this.kinks = this.faces.map((signs) => [...signs.keys()].filter((i) => signs[i] === 0));
    this.codimensions = this.kinks.map((kinks) => {
      land.spend(2 + (kinks.length * land.width * Math.min(kinks.length, land.width)) / 4);
      return rankOf(kinks.map((i) => land.rows[i]));
    });
    this.cells = [...this.faces.keys()].filter((face) => this.codimensions[face] === 0);
    this.cellSet = new Set(this.cells);
    const lines = [...this.faces.keys()].filter((face) => this.codimensions[face] === land.rank - 1);
    need(rays.length === lines.length, `expected a ray for each of ${lines.length} faces; got ${rays.length}`);
    this.rays = lines.map((face, k) => ({ face, vector: rays[k] }));
    this.below = this.faces.map(() => []);
    this.rays.forEach((ray, k) => this.placed(ray, k));
    this.faces.forEach((signs, face) => {
      land.spend(1 + this.below[face].length / 4);
      const spanned = [...signs].every((s, i) => s === 0 || this.below[face].some((k) => this.raySign(k, i) === s));
      need(spanned, "a face that its rays do not span");
    });
  }

  raySign(k, i) {
    return this.faces[this.rays[k].face][i];
  }

  /** Confirm that a ray is on its face, and note it for all faces whose closures contain it. */
  placed({ face, vector }, k) {
    this.land.spend(5 + this.land.area / 4);
    const found = this.land.signs(vector);
    need(found.every((s, i) => s === this.faces[face][i]), "a ray that is not on its face");
    const open = [0];
    while (open.length > 0) {
      const node = this.nodes[open.pop()];
      this.land.spend(1 + node.forced.length / 8);
      if (node.forced.some(([i, sign]) => found[i] !== 0 && found[i] !== sign)) continue;
      if (node.face !== null) this.below[node.face].push(k);
      else if (found[node.split] !== 0) open.push(node.parts[found[node.split] + 1]);
      else open.push(...node.parts);
    }
  }

  /** Confirm the tree, in preorder with parts -, 0, +, and collect the faces at its leaves. */
  replay(tree) {
    const open = [{ signs: this.land.lines.map((line) => (line === null ? 0 : null)), parts: [] }];
    for (const [[split], ...reasons] of tree) {
      need(open.length > 0, "a tree that is too long");
      const { signs: known, parts } = open.pop();
      const signs = [...known];
      parts.push(this.nodes.length);
      const node = { forced: [], face: null, split: null, parts: [] };
      this.nodes.push(node);
      this.land.spend(1 + this.land.size / 16);
      for (const reason of reasons) {
        const [i, sign] = this.forced(reason, signs);
        signs[i] = sign;
        node.forced.push([i, sign]);
      }
      if (split < 0n) {
        need(!signs.includes(null), "a leaf that leaves a sign open");
        const key = signs.join();
        need(!this.index.has(key), "a face that is listed twice");
        node.face = this.faces.length;
        this.index.set(key, this.faces.length);
        this.faces.push(Int8Array.from(signs));
      } else {
        const i = Number(split);
        need(signs[i] === null, "a split of a sign that is known");
        node.split = i;
        for (const side of [1, 0, -1]) open.push({ signs: signs.with(i, side), parts: node.parts });
      }
    }
    need(open.length === 0, "a tree that is cut off");
  }

  /** The example and the sign that a Farkas certificate forces, given the signs that are known. */
  forced([example, sign, c, ...pairs], signs) {
    const { rows, size, width } = this.land;
    this.land.spend(3 + (pairs.length * width) / 8);
    const at = (k) => {
      need(k >= 0n && k < BigInt(size), "a reason about an example that is not there");
      return Number(k);
    };
    const i = at(example);
    need(signs[i] === null, "a sign that is known already");
    need(c > 0n && sign >= -1n && sign <= 1n, "a reason of no known form");
    const total = Array(width).fill(0n);
    let strict = false;
    for (let n = 0; n < pairs.length; n += 2) {
      const k = at(pairs[n]);
      const m = pairs[n + 1];
      need(signs[k] !== null, "a reason whose sign is not known");
      if (signs[k] !== 0) {
        need(sign !== 0n && m >= 0n, "a multiplier of the wrong sign");
        strict = strict || m > 0n;
      }
      const turned = signs[k] === -1 ? -m : m;
      for (let x = 0; x < width; x += 1) total[x] += turned * rows[k][x];
    }
    need(strict || sign === 0n, "no strict reason");
    const wanted = sign === -1n ? -c : c;
    need(rows[i].every((x, k) => wanted * x === total[k]), "multipliers that do not add up");
    return [i, Number(sign)];
  }

  /** The rays in the closures of the cells around a face: those without a sign that is opposite to one of the face. */
  raysAround(face) {
    this.land.spend((this.rays.length * this.land.size) / 16);
    const signs = this.faces[face];
    return [...this.rays.keys()].filter((k) => signs.every((s, i) => s * this.raySign(k, i) !== -1));
  }

  /** The cells whose closure contains a face. */
  around(face) {
    this.land.spend(this.cells.length / 2);
    return this.cells.filter((cell) => inClosure(this.faces[face], this.faces[cell]));
  }

  borders(face, other) {
    return inClosure(this.faces[face], this.faces[other]);
  }
}
