// All choices of a face, and of the sign of the output weight, for every unit, up to the order of units that can be
// permuted: those with stationary points. Units that put out nothing stand in classes of their options.

import { need } from "./rational.js";
import { faceOf, optionOf } from "./atlas_options.js";

/** The number of ways to choose k of n things with repetition, as a Number. */
function choicesOf(n, k) {
  let found = 1;
  for (let j = 1; j <= k && Number.isFinite(found); j += 1) found = (found * (n + j - 1)) / j;
  return Math.round(found);
}

/** All sorted lists of k of the numbers below n. */
function sortedLists(n, k) {
  const found = [];
  const list = [];
  const extend = (least) => {
    if (list.length === k) {
      found.push([...list]);
      return;
    }
    for (let next = least; next < n; next += 1) {
      list.push(next);
      extend(next);
      list.pop();
    }
  };
  extend(0);
  return found;
}

/** One entry of each list, in every way. */
export function products(lists) {
  return lists.reduce((found, list) => found.flatMap((head) => list.map((each) => [...head, each])), [[]]);
}

/** Collects the pieces of stationary sets by levels, that is, by their errors. */
export class Choices {
  constructor(fits) {
    this.fits = fits;
    this.land = fits.land;
    this.slots = this.land.slots;
    this.generating = this.slots.map((slot) => this.generatingOf(slot));
    this.silencing = this.slots.map((slot) => this.silencingOf(slot));
    this.spend();
    this.chosen = this.slots.map(() => []);
    this.extend(0, 0, 0);
  }

  /** The options of a unit with generators, in ascending order, and the sets of these. */
  generatingOf({ signs }) {
    const options = [];
    const sets = [];
    this.fits.place.faces.forEach((_, face) => {
      for (const sign of [...signs].sort()) {
        const set = this.fits.own.get(sign)[face];
        if (set === 0) continue;
        options.push(optionOf(face, sign));
        sets.push(set);
      }
    });
    return { options, sets };
  }

  /** The faces of a unit without generators. */
  silencingOf({ signs }) {
    const sets = signs.map((sign) => this.fits.own.get(sign));
    return [...this.fits.place.faces.keys()].filter((face) => sets.some((own) => own[face] === 0));
  }

  spend() {
    const many = this.fits.place.faces.length;
    const counts = this.slots.map(({ signs, silent, units }) => {
      return choicesOf(many * signs.length + (silent ? 1 : 0), units.length);
    });
    this.land.spend(counts.reduce((a, b) => a * b, 1) * (2 + this.land.units));
  }

  /** Choose the options with generators of the units of slot k, from some option on. */
  extend(k, from, set) {
    if (k === this.slots.length) {
      this.decide(set);
      return;
    }
    this.extend(k + 1, 0, set);
    const chosen = this.chosen[k];
    if (chosen.length === this.slots[k].units.length) return;
    const { options, sets } = this.generating[k];
    for (let n = from; n < options.length; n += 1) {
      chosen.push(options[n]);
      this.extend(k, n, this.fits.sets.union(set, sets[n]));
      chosen.pop();
    }
  }

  /** Confirm that the choice is excluded or rests, whatever the other units do that have no generators. */
  decide(set) {
    const fit = this.fits.found.get(set);
    need(fit !== undefined, "a choice of faces without a fit");
    if (fit.verdict === 0) return;
    const { separated, balanced } = fit.level.options;
    for (const own of this.chosen) for (const option of own) if (separated.has(faceOf(option))) return;
    let decided = this.chosen.every((own) => own.every((option) => balanced.has(faceOf(option))));
    for (let k = 0; k < this.slots.length; k += 1) {
      if (this.chosen[k].length === this.slots[k].units.length) continue;
      const others = this.othersAt(fit.level.options, k);
      if (!this.slots[k].silent && others.excluded) return;
      decided = decided && others.decided;
    }
    need(fit.verdict === 1, "a fit that is neither inside nor outside");
    need(decided, "a unit that is neither separated nor balanced");
    this.keep(set, fit.level);
  }

  /** Whether the faces of a unit without generators are all separated at some errors, or all decided. */
  othersAt(options, k) {
    if (!options.others.has(k)) {
      const { separated, balanced } = options;
      const faces = this.silencing[k];
      this.land.spend(1 + faces.length / 8);
      const excluded = faces.every((face) => separated.has(face));
      options.others.set(k, { excluded, decided: faces.every((face) => separated.has(face) || balanced.has(face)) });
    }
    return options.others.get(k);
  }

  /** Keep the pieces in which the other units have any of the classes of options without generators. */
  keep(set, level) {
    const { options } = level;
    const rank = this.fits.rankOfSet(set);
    const others = this.slots.map((slot, k) => {
      const missing = slot.units.length - this.chosen[k].length;
      if (missing === 0) return [[]];
      const classes = options.classesOf(slot).length;
      this.land.spend((choicesOf(classes, missing) * (1 + missing)) / 8);
      return sortedLists(classes, missing);
    });
    const active = this.chosen.map((own) => [...own]);
    const own = active.flat().map((option) => options.at(option));
    const vertex = own.reduce((sum, each) => sum + each.dimension - (this.land.trained ? 1 : 0), -rank) === 0;
    for (const lists of products(others)) {
      this.land.spend(5 + this.land.units);
      const parts = [...own, ...lists.flatMap((list, k) => list.map((n) => options.classesOf(this.slots[k])[n]))];
      const atoms = active.map((each, k) => [...each, ...lists[k].map((n) => -1 - n)]);
      level.pieces.push(this.piece(atoms, parts, rank, vertex && lists.every((list) => list.every((n) => n === 0))));
    }
  }

  /** A piece: {atoms, sort, vertex, dimension, size, directional, autograd, smooth}, counts as BigInts. */
  piece(atoms, parts, rank, vertex) {
    const { units, width, rank: whole } = this.land;
    const least = parts.every((part) => part.least);
    const most = parts.every((part) => part.most);
    const product = (name) => parts.reduce((found, part) => found * BigInt(part[name] ?? 1), 1n);
    const dimension = parts.reduce((sum, part) => sum + part.dimension, units * (width - whole) - rank);
    const sort = least ? "minimum" : most ? "local maximum" : "saddle";
    const counts = { directional: product("directional"), autograd: product("autograd"), smooth: product("smooth") };
    return { atoms, sort, vertex, dimension, size: product("size"), ...counts };
  }
}
