// Pieces with the same errors, in every order of the units, joined to connected sets of one sort. Closures of pieces
// are polyhedra: where all pieces of one have one sort, its vertices are enough to join them; see docs/certificates.md.

import { products } from "./atlas_choices.js";

/** All orders of a list in which equal entries stand together, each once. */
function ordersOf(list) {
  if (list.length === 0) return [[]];
  const found = [];
  list.forEach((each, k) => {
    if (k > 0 && list[k - 1] === each) return;
    for (const rest of ordersOf(list.toSpliced(k, 1))) found.push([each, ...rest]);
  });
  return found;
}

/** How many orders such a list has, as a Number. */
function orderCount(list) {
  let found = 1;
  let same = 0;
  list.forEach((each, k) => {
    same = k > 0 && list[k - 1] === each ? same + 1 : 1;
    found = (found * (k + 1)) / same;
  });
  return Math.round(found);
}

function insert(trie, order, value) {
  let branch = trie;
  order.forEach((atom, depth) => {
    if (depth === order.length - 1) branch.set(atom, value);
    else {
      if (!branch.has(atom)) branch.set(atom, new Map());
      branch = branch.get(atom);
    }
  });
}

/** The pieces of one level in every order of the units. */
export class Joins {
  constructor(land, level) {
    this.land = land;
    this.options = level.options;
    this.pieces = level.pieces;
    this.depths = land.slots.flatMap((slot) => slot.units.map(() => slot));
    this.orders = [];
    this.pieceOf = [];
    this.starts = new Map();
    this.named = new Map();
    for (const piece of this.pieces) this.arrange(piece);
    this.leaders = Int32Array.from(this.orders.keys());
    this.touched = new Uint8Array(this.orders.length);
    this.lower = new Map();
    this.join();
  }

  arrange(piece) {
    const { atoms } = piece;
    const many = atoms.reduce((count, own) => count * orderCount(own), 1);
    this.land.spend(many * (1 + this.land.units / 2));
    this.starts.set(piece, this.orders.length);
    this.named.set(atoms.join(";"), piece);
    for (const parts of products(atoms.map(ordersOf))) {
      this.orders.push(parts.flat());
      this.pieceOf.push(piece);
    }
  }

  /** The numbers of a piece in every order. */
  numbersOf(piece) {
    const from = this.starts.get(piece);
    const many = piece.atoms.reduce((count, own) => count * orderCount(own), 1);
    return Array.from({ length: many }, (_, k) => from + k);
  }

  join() {
    const sorts = new Set(this.pieces.map((piece) => piece.sort));
    const points = this.trie((piece) => piece.vertex);
    this.descend(points, () => true);
    if (sorts.size === 1) return;
    for (const sort of sorts) {
      if (sort !== "saddle") this.descend(this.trie((piece) => piece.sort === sort), (piece) => piece.sort === sort);
    }
  }

  /** The chosen pieces in every order, by the options of the units, with all options that occur for each of them. */
  trie(chosen) {
    const root = new Map();
    const used = this.depths.map(() => new Set());
    this.orders.forEach((order, number) => {
      if (!chosen(this.pieceOf[number])) return;
      order.forEach((atom, depth) => used[depth].add(atom));
      insert(root, order, number);
    });
    this.lower.clear();
    return { root, used };
  }

  /** Join all chosen pieces with those in a trie that lie in their closures. */
  descend({ root, used }, chosen) {
    const visit = (number, branch, depth) => {
      const order = this.orders[number];
      const below = this.atomsBelow(order[depth], depth, used[depth]);
      this.land.spend(1 / 4 + below.length / 32);
      for (const atom of below) {
        const next = branch.get(atom);
        if (next === undefined) continue;
        if (depth === order.length - 1) this.meet(number, next);
        else visit(number, next, depth + 1);
      }
    };
    for (let number = 0; number < this.orders.length; number += 1) {
      if (chosen(this.pieceOf[number])) visit(number, root, 0);
    }
  }

  /** The atoms in use that lie in the closure of one. */
  atomsBelow(atom, depth, used) {
    const slot = this.depths[depth];
    const key = `${depth} ${atom}`;
    if (!this.lower.has(key)) {
      this.land.spend((1 + used.size) * (1 + this.land.size / 32));
      this.lower.set(key, [...used].filter((other) => other === atom || this.isAbove(slot, atom, other)));
    }
    return this.lower.get(key);
  }

  isAbove(slot, atom, other) {
    const members = (each) => (each < 0 ? this.options.classesOf(slot)[-1 - each].members : [each]);
    if (atom < 0 && other >= 0) return false;
    const lower = members(other);
    return members(atom).some((a) => lower.some((b) => this.options.above(a, b)));
  }

  leader(number) {
    let at = number;
    while (this.leaders[at] !== at) {
      this.leaders[at] = this.leaders[this.leaders[at]];
      at = this.leaders[at];
    }
    return at;
  }

  meet(number, other) {
    if (number === other) return;
    if (this.pieceOf[number].sort === this.pieceOf[other].sort) this.leaders[this.leader(number)] = this.leader(other);
    else {
      this.touched[number] = 1;
      this.touched[other] = 1;
    }
  }

  /** The numbers of the pieces of each connected set. */
  components() {
    const found = new Map();
    for (let number = 0; number < this.orders.length; number += 1) {
      const leader = this.leader(number);
      if (!found.has(leader)) found.set(leader, []);
      found.get(leader).push(number);
    }
    return found;
  }
}
