// Every solution of gradient flow from an exact start, enclosed in a ball around a point that moves from step to step.
// Lengths are in units of 2^-bits; docs/certificates.md has the theorems that make this enough.

import { FlowFace, ceiled, floored, lengthAbove, overOne } from "./flow_faces.js";
import { ONE, Rational, ZERO, bitLength, magnitude, need, quotient, rational } from "./rational.js";
import { inner, primitive } from "./vectors.js";

const MOST_TERMS = 120; // of the polynomial of a step
const MOST_MOVED = 4; // kinks that are crossed at once where the loss need not be convex

/** A whole number at most 1/2 off a quotient. */
function nearest(top, bottom) {
  return floored(2n * top + bottom, 2n * bottom);
}

function largest(numbers) {
  return numbers.reduce((a, b) => (a.compare(b) >= 0 ? a : b));
}

/** A lower bound of the polynomial with these coefficients on [0, 1]. */
function leastOf(terms, spend) {
  const crude = terms.slice(1).reduce((sum, t) => sum - magnitude(t), terms[0]);
  if (crude > 0n) return crude;
  const n = terms.length - 1;
  spend((n * n) / 2);
  const rows = [[1n]];
  for (let i = 1; i <= n; i += 1) {
    rows.push(Array.from({ length: i + 1 }, (_, k) => (rows[i - 1][k - 1] ?? 0n) + (rows[i - 1][k] ?? 0n)));
  }
  const coefficients = rows.map((row) => row.reduce((sum, c, k) => sum + floored(c * terms[k], rows[n][k]), 0n));
  return coefficients.reduce((a, b) => (b < a ? b : a));
}

/** Follows a proof from the start to the limit: `passages`, `loss`, `signs`, `target` and `near` are what it shows. */
export class Tube {
  constructor(land, start, proof) {
    this.land = land;
    this.width = BigInt(proof.bits);
    this.bits = proof.bits;
    this.time = ZERO;
    this.passages = [];
    this.face = new FlowFace(land, land.signsOf(proof.signs));
    this.base = start.flat();
    this.setOut(start);
    this.span = [];
    this.widen([this.face]);
    const scaled = this.base.map((x) => quotient(x.top << this.width, x.bottom));
    this.point = scaled.map((x) => nearest(x.top, x.bottom));
    this.radius = scaled.every((x) => x.bottom === 1n) ? 0n : BigInt(scaled.length);
    for (const { time, changes } of proof.path) {
      if (changes === null) this.step(time);
      else this.pass(time, changes);
    }
    this.end(proof);
  }

  spend(steps, bits = 0) {
    this.land.spend(steps, Math.max(bits, this.bits));
  }

  low(form, radius) {
    return form.low(this.point, radius, this.width);
  }

  isPositive(form, radius) {
    return this.low(form, radius).sign() > 0;
  }

  /** Confirm the signs at the start, and that every solution leaves the kinks that are not held at once. */
  setOut(start) {
    const { land, face } = this;
    const heights = start.slice(0, land.units).map((unit) => {
      return land.places.map((x) => x.reduce((sum, c, k) => sum.plus(c.times(unit[k])), ZERO));
    });
    const fits = face.kinks.every(({ j, g, sign }) => heights[j][g].isZero() || heights[j][g].sign() === sign);
    need(fits, "other signs at the start");
    const forces = land.places.map((_, g) => {
      const output = heights.reduce((sum, row, j) => {
        return sum.plus(land.outer[j].times(land.slopes[row[g].sign()]).times(row[g]));
      }, land.data.outputBias ? start[land.units][0] : ZERO);
      return land.weights[g].times(land.means[g].minus(output));
    });
    const leaving = face.free.filter(({ j, g }) => heights[j][g].isZero());
    this.spend(20 + (leaving.length + face.held.length) * land.places.length * (land.width + 4));
    for (const { j, g, sign } of leaving) {
      const speed = land.places.reduce((sum, x, i) => {
        const product = x.reduce((all, c, k) => all.plus(c.times(land.places[g][k])), ZERO);
        const force = product.times(forces[i]).times(land.outer[j]).times(rational(sign));
        const sides = heights[j][i].isZero() ? [-1, 1] : [face.signs[j][i]];
        return sum.minus(largest(sides.map((s) => force.times(land.slopes[s]).negative())));
      }, ZERO);
      need(speed.sign() > 0, "a start on a kink that need not be left to that side");
    }
  }

  /** Let base + span contain the solution also while it moves on these faces. The rows of the span are in echelon. */
  widen(faces) {
    const { size } = this.land;
    const [base, bottom] = overOne(this.base);
    this.spend(1 + ((faces.length * size ** 2) / 4) * (1 + this.span.length));
    const images = (vector) => faces.map((face) => face.matrix.map((row) => inner(row, vector)));
    const fresh = faces.map((face) => face.matrix.map((row, k) => bottom * face.drift[k] - inner(row, base)));
    for (const { vector } of this.span) fresh.push(...images(vector));
    while (fresh.length > 0) {
      let vector = fresh.pop();
      this.spend(1 + (this.span.length * size) / 4, Math.max(...vector.map(bitLength)));
      for (const { pivot, vector: own } of this.span) {
        const factor = vector[pivot];
        if (factor !== 0n) vector = vector.map((x, k) => own[pivot] * x - factor * own[k]);
      }
      if (vector.every((x) => x === 0n)) continue;
      vector = primitive(vector);
      this.span.push({ pivot: vector.findIndex((x) => x !== 0n), vector });
      this.spend(1 + (faces.length * size ** 2) / 8, Math.max(...vector.map(bitLength)));
      fresh.push(...images(vector));
    }
  }

  velocity(face) {
    this.spend(1 + this.land.size ** 2 / 8);
    return face.velocity(this.point, this.width);
  }

  /** Follow the flow on the face for some time; the terms of the polynomial, the first of which is the old point. */
  move(time, spread = 0n) {
    const { matrix, bottom } = this.face;
    const first = this.velocity(this.face).map((x) => x.times(time)).map((x) => nearest(x.top, x.bottom));
    const terms = [this.point, first];
    while (terms[terms.length - 1].some((x) => x !== 0n)) {
      need(terms.length < MOST_TERMS, "a step that is too long");
      this.spend(2 + this.land.size ** 2 / 8);
      const last = terms[terms.length - 1];
      const under = time.bottom * bottom * BigInt(terms.length);
      terms.push(matrix.map((row) => nearest(-time.top * inner(row, last), under)));
    }
    this.point = this.point.map((_, k) => terms.reduce((sum, term) => sum + term[k], 0n));
    this.radius += BigInt(terms.length * this.point.length) + spread;
    this.time = this.time.plus(time);
    return terms;
  }

  /** A step on which no kink is met, and none that is held is left. */
  step(time) {
    const terms = this.move(time);
    const lasts = (form) => {
      this.spend(2 + (terms.length * this.point.length) / 8);
      const values = terms.map((term) => inner(form.row, term));
      values[0] += form.base << this.width;
      return form.exceeds(leastOf(values, (steps) => this.spend(steps)), this.radius);
    };
    for (const { kink, form } of this.face.heights) {
      need(lasts(form) || lasts(this.face.change(form)), `unit ${kink.j + 1} may meet a kink`);
    }
    for (const { kink, forms } of this.face.forces) need(forms.every(lasts), `unit ${kink.j + 1} may leave a kink`);
  }

  /** A passage to another face within some time, on a ball on which it is decided what happens. */
  pass(time, changes) {
    const old = this.face;
    const moved = new Map();
    for (const [j, i, after] of changes) {
      const kink = { j, g: this.land.home[i], key: `${j}:${this.land.home[i]}` };
      const before = old.signAt(kink);
      need(!moved.has(kink.key) && before !== after, "a change that is none");
      moved.set(kink.key, { ...kink, before, after });
    }
    const all = [...moved.values()];
    const met = all.filter(({ before }) => before !== 0);
    const next = old.changed(new Map(all.map(({ key, after }) => [key, after])));
    const atOnce = met.length < 2 || this.together(met);
    const how = { old, next, moved, all, met, time };
    const { faces, ball } = this.passage(how);
    this.widen(atOnce ? [old, next] : [...faces, next]);
    const velocity = this.velocity(next);
    const apart = faces.map((face) => {
      const own = this.velocity(face);
      return rational(lengthAbove(own.map((x, k) => x.minus(velocity[k]))));
    });
    this.spend(5 * faces.length * this.land.size ** 2);
    const steeper = largest(faces.map((face) => face.steepness(next)));
    const begin = this.time;
    this.face = next;
    this.move(time, ceiled(time.times(largest(apart).plus(steeper.times(rational(ball))))));
    const sorted = all.sort((a, b) => a.j - b.j || a.g - b.g);
    const events = sorted.map(({ j, g, before, after }) => {
      const kind = before !== 0 && after !== 0 ? "crossing" : after !== 0 ? "sliding ends" : "sliding begins";
      return JSON.stringify([kind, j, this.land.examples[g]]);
    });
    this.passages.push({ begin, end: this.time, events, atOnce });
  }

  passage(how) {
    if (how.met.length === 0) return this.leaves(how);
    if (this.bends(how)) return this.meets(how);
    return this.crosses(how);
  }

  /** The radius of a ball that is not left within some time by velocities of these faces. */
  reach(faces, time) {
    const fast = largest(faces.map((face) => rational(lengthAbove(this.velocity(face)))));
    const steep = largest(faces.map((face) => face.steepness()));
    this.spend(1 + (faces.length * this.land.size ** 2) / 4);
    const ball = 2n * (this.radius + ceiled(fast.times(time))) + 2n;
    const reached = fast.plus(steep.times(rational(ball))).times(time).plus(rational(this.radius));
    need(reached.compare(rational(ball)) < 0, "a passage that takes too long");
    return ball;
  }

  /** Confirm that no other kink is met on a ball, and that the faces hold theirs, besides one force. */
  calm(faces, moved, ball, besides = null) {
    const others = this.face.heights.filter(({ kink }) => !moved.has(kink.key)).map(({ form }) => form);
    const forces = faces.flatMap((face) => face.forces.flatMap(({ forms }) => forms));
    const quiet = [...others, ...forces.filter((form) => form !== besides)];
    need(quiet.every((form) => this.isPositive(form, ball)), "something else may happen");
  }

  heightOf(kink) {
    return this.face.heights.find((each) => each.kink.key === kink.key).form;
  }

  /** Confirm that a kink is met within some time at some rate. */
  hits(kink, rate, time) {
    const far = this.low(this.heightOf(kink).times(rational(-1)), this.radius).negative();
    need(far.compare(rate.times(time)) < 0, "a kink that may not be met in time");
  }

  /** Whether the loss is convex where kinks are met at one time, and others may be set free. */
  bends({ old, next, all, met, time }) {
    const crossed = met.filter(({ after }) => after !== 0);
    if (crossed.length === all.length || !this.together(met)) return false;
    const ball = this.reach([old, next], time);
    return crossed.every(({ j, g }) => {
      const bend = this.land.bend.times(this.land.outer[j]);
      return this.isPositive(old.error(g).times(bend), ball);
    });
  }

  /** Whether kinks are met at one time, because their heights are positive multiples of each other on the course. */
  together(met) {
    this.spend(1 + met.length * this.span.length * this.land.size);
    const [first, ...others] = met.map((kink) => this.heightOf(kink));
    const onCourse = (form) => [form.at(this.base), ...this.span.map(({ vector }) => form.along(vector))];
    const values = onCourse(first);
    return others.every((form) => {
      const own = onCourse(form);
      const k = values.findIndex((x) => !x.isZero());
      if (k < 0) return false;
      const ratio = own[k].over(values[k]);
      return ratio.sign() > 0 && own.every((x, n) => x.equals(ratio.times(values[n])));
    });
  }

  /** A kink is met, and from there the flow goes on as is said, where the loss is convex. */
  meets({ old, next, moved, all, met, time }) {
    const ball = this.reach([old, next], time);
    this.calm([old, next], moved, ball);
    const [kink] = met;
    this.hits(kink, this.low(old.toward(kink, -kink.before), ball), time);
    const freed = all.filter(({ after }) => after !== 0);
    const away = freed.every((each) => this.isPositive(next.toward(each, each.after), ball));
    need(away, "a kink that may not be left");
    return { faces: [old, next], ball };
  }

  /** Kinks are crossed, with any slopes at them; if it is one, another may be set free by it. */
  crosses({ old, moved, all, met, time }) {
    const freed = all.filter(({ before }) => before === 0);
    need(met.every(({ after }) => after !== 0) && all.length <= MOST_MOVED, "several things at once");
    need(freed.length === 0 || (met.length === 1 && freed.length === 1), "several things at once");
    let choices = [new Map()];
    for (const { key, before, after } of all) {
      const sides = before !== 0 ? [before, after] : [-1, 1];
      choices = choices.flatMap((choice) => sides.map((side) => new Map(choice).set(key, side)));
    }
    const faces = [old, ...choices.map((choice) => old.changed(choice))];
    const ball = this.reach(faces, time);
    this.calm(faces, moved, ball);
    for (const kink of freed) {
      const decisive = faces.filter((face) => {
        return face.signAt(kink) === -kink.after || face.signAt(met[0]) === met[0].after;
      });
      const away = decisive.every((face) => this.isPositive(face.toward(kink, kink.after), ball));
      need(away, "a kink that may not be left");
    }
    const near = faces.filter((face) => freed.every((kink) => face.signAt(kink) !== -kink.after));
    for (const kink of met) {
      const rates = near.map((face) => {
        return { side: face.signAt(kink), rate: this.low(face.toward(kink, kink.after), ball) };
      });
      need(rates.every(({ rate }) => rate.sign() > 0), "a kink that may not be crossed");
      const before = rates.filter(({ side }) => side === kink.before).map(({ rate }) => rate.negative());
      this.hits(kink, largest(before).negative(), time);
    }
    return { faces, ball };
  }

  /** A held kink is left because the force from one side grows until it is not held. */
  leaves({ old, next, moved, all, time }) {
    const ball = this.reach([old, next], time);
    const [kink] = all;
    const { forms, low, high } = old.forces.find((each) => each.kink.key === kink.key);
    need(all.length === 1 && forms.length === 2, "several things at once, or a kink that is left without force");
    const leaving = kink.after > 0 ? high : low;
    this.calm([old, next], moved, ball, leaving);
    const outward = next.toward(kink, kink.after);
    const rates = [old, next].map((face) => this.low(face.change(outward), ball).negative());
    const rate = largest(rates).negative();
    const held = rate.sign() > 0 && this.isPositive(leaving, this.radius);
    need(held, "a kink that may be left otherwise");
    const speed = this.low(outward, this.radius).plus(rate.times(time));
    need(speed.sign() > 0, "a kink that may be left later");
    return { faces: [old, next], ball };
  }

  /** Confirm that nothing happens any more, and find the limit: its loss, its signs, and how near it is. */
  end({ target, shift, chains }) {
    const { face, land } = this;
    const unit = new Rational(1n, 1n << this.width);
    const applied = (vector) => face.matrix.map((row) => {
      return vector.reduce((sum, x, k) => sum.plus(x.times(rational(row[k]))), ZERO);
    });
    const rests = applied(target).every((x, k) => x.equals(rational(face.drift[k])));
    need(rests, "a target that does not rest");
    const onFace = face.held.every((kink) => face.height(kink, 1).at(target).isZero());
    need(onFace, "a target that is not on the face");
    const away = this.point.map((x, k) => rational(x).times(unit).minus(target[k]));
    const image = applied(shift).map((x, k) => away[k].minus(x.over(rational(face.bottom))));
    const bound = (vector) => rational(lengthAbove(vector.map((x) => x.over(unit))) + this.radius).times(unit);
    const far = bound(away);
    this.near = bound(image);
    this.target = target;
    const forms = face.heights.map(({ kink, form }) => ({ kink, raw: form, isHeight: true }));
    for (const each of face.forces) {
      for (const raw of each.forms) forms.push({ kink: each.kink, raw, isHeight: false });
    }
    need(chains.length === forms.length, `expected ${forms.length} chains; got ${chains.length}`);
    const signs = new Map(face.held.map(({ key }) => [key, 0]));
    forms.forEach(({ kink, raw, isHeight }, k) => {
      this.spend(10 + 3 * land.size * (1 + face.held.length));
      const form = face.onFace(raw);
      const level = form.at(target).times(rational(1000n * form.bottom));
      const exceeds = (radius) => level.compare(radius.times(rational(form.sharp))) > 0;
      const limit = chains[k] === null ? null : this.lasts(form, chains[k]);
      need(chains[k] !== null || exceeds(far), "something that is not known to last");
      if (!isHeight) return;
      const apart = exceeds(this.near) || (limit !== null && !limit.isZero());
      need(apart || (limit !== null && limit.isZero()), "a sign of the limit that is not decided");
      signs.set(kink.key, apart ? kink.sign : 0);
    });
    this.signs = face.signs.map((_, j) => land.home.map((g) => "-0+"[(signs.get(`${j}:${g}`) ?? 0) + 1]).join(""));
    const errors = land.home.map((g, i) => {
      return face.outputs[g].reduce((sum, x, k) => sum.plus(x.times(target[k])), ZERO).minus(land.data.labels[i]);
    });
    this.loss = errors.reduce((sum, e) => sum.plus(e.times(e)), ZERO).times(land.factor);
  }

  /** Confirm that a form is positive for ever; a positive multiple of its limit, or null where that is not known. */
  lasts(form, { rates, weights: [own, ...others] }) {
    const { face } = this;
    this.spend(10 + this.span.length * this.point.length);
    const chain = [{ form, factor: ONE }];
    for (const rate of rates) {
      const last = chain[chain.length - 1];
      this.spend(5 + this.point.length ** 2 / 8, last.form.bits());
      chain.push({ form: face.change(last.form).plus(last.form, rate), factor: last.factor.times(rate) });
    }
    need(others.every((x) => x.sign() >= 0), "weights of the wrong sign");
    const positive = chain.every((each) => this.isPositive(each.form, this.radius));
    need(positive, "something that is not yet positive");
    const last = chain[chain.length - 1];
    let rest = face.change(last.form).plus(last.form, own);
    let keeps = own.times(last.factor);
    others.forEach((weight, k) => {
      rest = rest.plus(chain[k].form, weight.negative());
      keeps = keeps.minus(weight.times(chain[k].factor));
    });
    const more = rest.at(this.base);
    const closes = this.span.every(({ vector }) => rest.along(vector).isZero()) && more.sign() >= 0;
    need(closes, "a chain that does not close");
    return keeps.isZero() ? null : more;
  }
}
