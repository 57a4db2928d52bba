// The stationary sets of a landscape, by a proof that is replayed; docs/certificates.md says why this is enough.

import { Arrangement, inner, mixture, primitive, rankOf } from "./atlas_faces.js";
import { ONE, ZERO, divisor, need, quotient, rational } from "./rational.js";

/** Which examples are correct, how many, and of each label; nothing where there are not two labels. */
function judgedOutputs(outputs, labels) {
  const values = new Map(labels.map((y) => [y.toString(), y]));
  if (values.size !== 2) return [];
  const [a, b] = [...values.values()];
  const high = a.compare(b) > 0 ? a : b;
  const middle = a.plus(b).over(rational(2));
  const correct = outputs.map((f, i) => f.compare(middle) > 0 === labels[i].equals(high));
  const count = (label) => correct.filter((each, i) => each && (label === null || labels[i].equals(label))).length;
  const classes = [a, b].map((y) => [`correct of class ${y}`, BigInt(count(y))]);
  return [["correct", correct], ["right", BigInt(count(null))], ...classes];
}

/** All orders of a sorted list, each once. */
function ordersOf(choice) {
  if (choice.length === 0) return [[]];
  const found = [];
  choice.forEach((face, k) => {
    if (k > 0 && choice[k - 1] === face) return;
    for (const rest of ordersOf(choice.toSpliced(k, 1))) found.push([face, ...rest]);
  });
  return found;
}

/** How many orders a sorted list has, as a Number. */
function orderCount(choice) {
  let found = 1;
  let same = 0;
  choice.forEach((face, k) => {
    same = k > 0 && choice[k - 1] === face ? same + 1 : 1;
    found = (found * (k + 1)) / same;
  });
  return Math.round(found);
}

/** The number of ways to choose k of n things with repetition, as a Number. */
function choicesOf(n, k) {
  let found = 1;
  for (let j = 1; j <= k && Number.isFinite(found); j += 1) found = (found * (n + j - 1)) / j;
  return Math.round(found);
}

/** Rebuilds the sets: `sets` holds the attributes of each by name, `locate` finds the one of a point. */
export class StationarySets {
  constructor(land, proof) {
    this.land = land;
    this.place = new Arrangement(land, proof.tree, proof.rays);
    this.name();
    this.fits = new Map();
    this.reactions = new Map();
    proof.fits.forEach((entry, number) => this.fit(number, entry));
    this.choose();
    this.join();
  }

  /** Number the generators, and give every face the mask of its own. */
  name() {
    const numbered = new Map();
    this.generators = [];
    const own = this.place.rays.map(({ vector }) => {
      const outputs = primitive(this.land.heights(vector).map((z) => this.land.unitOutput(z)));
      if (outputs.every((x) => x === 0n)) return 0n;
      const key = outputs.join();
      if (!numbered.has(key)) {
        numbered.set(key, 1n << BigInt(this.generators.length));
        this.generators.push(outputs);
      }
      return numbered.get(key);
    });
    this.masks = this.place.below.map((below) => below.reduce((mask, k) => mask | own[k], 0n));
  }

  fit(number, { generators, verdict, weights, directions, balances }) {
    const { land } = this;
    const [bottom, ...tops] = weights;
    const known = generators.every((g) => g < BigInt(this.generators.length));
    need(known, "generators that are not there");
    const mask = generators.reduce((all, g) => all | (1n << g), 0n);
    need(bottom > 0n && !this.fits.has(mask), "a fit without a denominator, or a second one");
    const columns = generators.map((g) => this.generators[Number(g)]);
    land.spend(10 + columns.length * land.size);
    const total = mixture(tops, columns, land.size);
    const fit = { number, verdict, errors: null, separated: new Set(), balanced: new Set() };
    this.fits.set(mask, fit);
    if (verdict === 0) {
      const along = columns.map((column) => inner(total, column));
      const separates = along.every((x) => x >= 0n) && along.some((x) => x > 0n);
      need(separates, "a separator that does not separate");
      const labels = land.labels.reduce((sum, y, i) => sum.plus(y.times(rational(total[i]))), ZERO);
      need(labels.sign() <= 0, "a separator with the labels on the wrong side");
      return;
    }
    const errors = total.map((x, i) => quotient(x, bottom).minus(land.labels[i]));
    const common = errors.reduce((all, e) => (all / divisor(all, e.bottom)) * e.bottom, 1n);
    const whole = errors.map((e) => (e.top * common) / e.bottom);
    const orthogonal = columns.every((column) => inner(whole, column) === 0n);
    need(orthogonal, "errors that are not orthogonal to the generators");
    need(verdict === 2 || tops.every((x) => x > 0n), "a weight that is not positive");
    fit.errors = errors;
    fit.ray = primitive(whole);
    fit.key = errors.join();
    for (const [face, ...direction] of directions) {
      this.separate(this.faceAt(face), fit.ray, direction);
      fit.separated.add(Number(face));
    }
    for (const { face, pairs } of balances) {
      this.balance(this.faceAt(face), fit.ray, pairs);
      fit.balanced.add(Number(face));
    }
  }

  faceAt(face) {
    need(face < BigInt(this.place.faces.length), "a face that is not there");
    return Number(face);
  }

  /** Confirm that the loss rises along a direction in every cell around a face. */
  separate(face, errors, direction) {
    const { land } = this;
    land.spend(5 + land.area / 2);
    const signs = this.place.faces[face];
    const at = new Map();
    let least = 0n;
    land.heights(direction).forEach((z, i) => {
      if (signs[i] !== 0) {
        least += errors[i] * land.slopes[signs[i]] * z;
        return;
      }
      const place = land.rows[i].join();
      at.set(place, (at.get(place) ?? 0n) + errors[i] * z);
    });
    for (const force of at.values()) {
      const [low, high] = [land.slopes[-1] * force, land.slopes[1] * force];
      least += low < high ? low : high;
    }
    if (least > 0n) return;
    const cells = this.place.around(face);
    land.spend((cells.length * land.area) / 4);
    const rises = cells.every((cell) => inner(land.gradient(errors, this.place.faces[cell]), direction) > 0n);
    need(rises, "a direction that does not separate");
  }

  /** Confirm that gradients of cells around a face combine to 0 with positive weights. */
  balance(face, errors, pairs) {
    const { land, place } = this;
    land.spend(5 + (pairs.length * land.area) / 4);
    const gradients = pairs.map(([cell, weight]) => {
      const near = cell >= 0n && cell < BigInt(place.faces.length) && place.cellSet.has(Number(cell));
      need(near && place.borders(face, Number(cell)), "a cell that is not near");
      need(weight > 0n, "a balance without positive weights");
      return land.gradient(errors, place.faces[Number(cell)]);
    });
    const total = mixture(pairs.map(([, weight]) => weight), gradients, land.width);
    need(total.every((x) => x === 0n), "a balance that is none");
  }

  /** Go through all choices of one face per unit, up to their order, and keep those with stationary points. */
  choose() {
    const many = this.place.faces.length;
    const { units } = this.land;
    this.land.spend(choicesOf(many, units) * (2 + units));
    this.pieces = new Map();
    const choice = [];
    const extend = (from, mask) => {
      if (choice.length === units) {
        const fit = this.fits.get(mask);
        need(fit !== undefined, "a choice of faces without a fit");
        if (this.rests(choice, fit)) this.pieces.set(choice.join(), this.piece([...choice], fit, mask));
        return;
      }
      for (let face = from; face < many; face += 1) {
        choice.push(face);
        extend(face, mask | this.masks[face]);
        choice.pop();
      }
    };
    extend(0, 0n);
  }

  rests(choice, fit) {
    if (fit.verdict === 0 || choice.some((face) => fit.separated.has(face))) return false;
    need(fit.verdict === 1, "a fit that is neither inside nor outside");
    need(choice.every((face) => fit.balanced.has(face)), "a unit that is neither separated nor balanced");
    return true;
  }

  piece(choice, fit, mask) {
    const { land, place } = this;
    const found = choice.map((face) => this.reaction(face, fit));
    const all = (name) => found.every((each) => each[name]);
    const columns = this.generators.filter((_, g) => (mask >> BigInt(g)) & 1n);
    land.spend(20 + (columns.length ** 2 * land.size) / 8);
    const own = choice.reduce((sum, face) => sum + land.rank - place.codimensions[face], 0);
    const dimension = own + land.units * (land.width - land.rank) - rankOf(columns);
    const sort = all("noneFalls") ? "minimum" : all("noneRises") ? "local maximum" : "saddle";
    return { choice, fit, dimension, sort, autograd: all("autograd"), smooth: all("smooth") };
  }

  /** How the loss reacts, to first order, to one unit that leaves a face at given errors. */
  reaction(face, fit) {
    const key = `${face}:${fit.ray.join()}`;
    if (!this.reactions.has(key)) this.reactions.set(key, this.reacting(face, fit.ray));
    return this.reactions.get(key);
  }

  reacting(face, errors) {
    const { land, place } = this;
    const signs = place.faces[face];
    const kinks = place.kinks[face];
    land.spend(place.rays.length * (1 + land.width / 4 + kinks.length / 2));
    const base = land.gradient(errors.map((e, i) => (signs[i] === 0 ? 0n : e)), signs);
    const found = { noneFalls: true, noneRises: true };
    for (const { vector } of place.rays) {
      let slope = inner(base, vector);
      for (const i of kinks) slope += errors[i] * land.unitOutput(inner(land.rows[i], vector));
      if (slope < 0n) found.noneFalls = false;
      if (slope > 0n || (slope === 0n && this.moves(signs, vector))) found.noneRises = false;
      if (!found.noneFalls && !found.noneRises) break;
    }
    found.autograd = land.gradient(errors, signs).every((x) => x === 0n);
    const forces = new Map();
    for (const i of kinks) {
      const place_ = land.rows[i].join();
      forces.set(place_, (forces.get(place_) ?? 0n) + errors[i]);
    }
    found.smooth = land.slopes[-1] === land.slopes[1] || [...forces.values()].every((x) => x === 0n);
    return found;
  }

  /** Whether going along a vector from a face changes some output, to first order. */
  moves(signs, vector) {
    return this.land.heights(vector).some((z, i) => {
      return (signs[i] === 0 ? this.land.unitOutput(z) : this.land.slopes[signs[i]] * z) !== 0n;
    });
  }

  /** Join pieces, in every order of the units, to connected sets of one sort. */
  join() {
    const orders = [];
    const numbers = new Map();
    const tries = new Map();
    for (const { choice } of this.pieces.values()) this.land.spend(orderCount(choice) * (3 + 3 * this.land.units));
    for (const piece of this.pieces.values()) {
      const found = ordersOf(piece.choice);
      for (const order of found) {
        numbers.set(order.join(), orders.length);
        if (!tries.has(piece.fit.key)) tries.set(piece.fit.key, new Map());
        let branch = tries.get(piece.fit.key);
        for (const face of order) {
          if (!branch.has(face)) branch.set(face, new Map());
          branch = branch.get(face);
        }
        orders.push({ order, piece, leader: orders.length, touched: false });
      }
    }
    this.orders = orders;
    this.numbers = numbers;
    orders.forEach((upper, k) => {
      this.beside(upper.order, tries.get(upper.piece.fit.key), 0, [], (lower) => this.meet(k, numbers.get(lower)));
    });
    this.gather();
  }

  /** Call back with all orders of faces, below a branch, that lie in the closure of an order, unit by unit. */
  beside(order, branch, depth, head, found) {
    if (depth === order.length) {
      found(head.join());
      return;
    }
    this.land.spend(1 + branch.size / 9);
    for (const [face, next] of branch) {
      if (!this.place.borders(face, order[depth])) continue;
      head.push(face);
      this.beside(order, next, depth + 1, head, found);
      head.pop();
    }
  }

  leader(k) {
    let at = k;
    while (this.orders[at].leader !== at) {
      this.orders[at].leader = this.orders[this.orders[at].leader].leader;
      at = this.orders[at].leader;
    }
    return at;
  }

  meet(k, other) {
    if (k === other) return;
    const [a, b] = [this.orders[k], this.orders[other]];
    if (a.piece.sort === b.piece.sort) this.orders[this.leader(k)].leader = this.leader(other);
    else {
      a.touched = true;
      b.touched = true;
    }
  }

  gather() {
    const members = new Map();
    this.orders.forEach((_, k) => {
      const leader = this.leader(k);
      if (!members.has(leader)) members.set(leader, []);
      members.get(leader).push(k);
    });
    this.homes = new Map();
    this.sets = [];
    for (const [leader, own] of members) {
      if (this.homes.has(leader)) continue;
      const turned = new Set(ordersOf(this.orders[own[0]].piece.choice).map((order) => {
        return this.leader(this.numbers.get(order.join()));
      }));
      for (const each of turned) this.homes.set(each, this.sets.length);
      this.sets.push(this.described(own.map((k) => this.orders[k]), turned.size));
    }
    const losses = this.sets.map((each) => each.get("loss"));
    const least = losses.reduce((a, b) => (b.compare(a) < 0 ? b : a), losses[0]);
    for (const each of this.sets) {
      if (each.get("kind") !== "minimum") continue;
      each.set("kind", each.get("loss").equals(least) ? "global minimum" : "local minimum");
    }
  }

  /** The attributes of a connected set, by name. */
  described(own, orbit) {
    const pieces = own.map(({ piece }) => piece);
    const { sort, fit } = pieces[0];
    const dimension = Math.max(...pieces.map((piece) => piece.dimension));
    const touched = own.some((each) => each.touched);
    const outputs = fit.errors.map((e, i) => e.plus(this.land.labels[i]));
    const factor = this.land.data.mean ? ONE.over(rational(this.land.size)) : ONE;
    const count = (name) => BigInt(pieces.filter((piece) => piece[name]).length);
    return new Map([
      ["kind", sort],
      ["loss", fit.errors.reduce((sum, e) => sum.plus(e.times(e)), ZERO).times(factor)],
      ["dimension", BigInt(dimension)],
      ["isolated", dimension === 0 && !touched],
      ["strict", dimension === 0 && sort === "minimum"],
      ["faces", BigInt(own.length)],
      ["clarke", true],
      ["directional", sort === "minimum"],
      ["autograd_rests", pieces.every((piece) => piece.autograd)],
      ["autograd_faces", count("autograd")],
      ["smooth_faces", count("smooth")],
      ["orbit", BigInt(orbit)],
      ["outputs", outputs],
      ...judgedOutputs(outputs, this.land.labels),
    ]);
  }

  /** The set that contains a point, or null. */
  locate(point) {
    const { land } = this;
    const { rows, slopes, labels } = land.data;
    land.spend(10 + 3 * land.units * land.area);
    const total = labels.map(() => ZERO);
    const faces = point.map((unit) => {
      const signs = rows.map((row, i) => {
        const z = row.reduce((sum, x, k) => sum.plus(x.times(unit[k])), ZERO);
        if (!z.isZero()) total[i] = total[i].plus(slopes[z.sign()].times(z));
        return z.sign();
      });
      return this.place.index.get(signs.join());
    });
    const number = this.numbers.get(faces.join());
    if (number === undefined) return null;
    const found = this.sets[this.homes.get(this.leader(number))];
    return found.get("outputs").every((f, i) => f.equals(total[i])) ? found : null;
  }
}
