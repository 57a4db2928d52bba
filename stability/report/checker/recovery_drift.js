// How far a unit without gradients can be carried by what its optimiser remembers, for all learning rates up to that of
// the rule. See docs/certificates.md; nothing here comes from the Python checker.

import { ONE, Rational, ZERO, need, quotient, rational, wholeRoot } from "./rational.js";

const CHANGES_SIGNS = "the weight decay changes signs";

/** The greatest multiple of 2^-bits that is not above x. */
function below(x, bits) {
  const scaled = x.top << BigInt(bits);
  const cut = scaled / x.bottom;
  return quotient(scaled < 0n && cut * x.bottom !== scaled ? cut - 1n : cut, 1n << BigInt(bits));
}

/** The least multiple of 2^-bits that is not below x. */
function above(x, bits) {
  return below(x.negative(), bits).negative();
}

function rootBelow(x, bits) {
  return quotient(wholeRoot((x.top << BigInt(2 * bits)) / x.bottom), 1n << BigInt(bits));
}

function rootAbove(x, bits) {
  return rootBelow(x, bits).plus(new Rational(1n, 1n << BigInt(bits)));
}

/** x^n by squares, each product rounded. */
function power(x, n, bits, rounded) {
  let found = ONE;
  let square = x;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) found = rounded(found.times(square), bits);
    if (left > 1) square = rounded(square.times(square), bits);
  }
  return found;
}

function lesser(x, y) {
  return x.compare(y) <= 0 ? x : y;
}

/** How SGD moves parameters with one decay: to a p - c v, a from `least` to 1, c from 0 to `carried`. */
function sgdGroup(rule, decay, ratio, steps, bits) {
  const { lr, momentum: mu } = rule;
  const ahead = rule.nesterov ? lr.times(mu) : lr;
  const fading = steps === null ? ZERO : power(mu, steps, bits, below);
  const carried = ahead.times(mu).times(ONE.minus(fading)).over(ONE.minus(mu));
  if (decay.isZero()) return { least: ONE, carried, together: carried };
  if (mu.isZero()) {
    const slowest = ONE.minus(lr.times(decay));
    need(slowest.sign() >= 0, CHANGES_SIGNS);
    return { least: steps === null ? ZERO : power(slowest, steps, bits, below), carried: ZERO, together: ZERO };
  }
  need(ratio !== null, "proof.ratios: expected a number where there are momentum and weight decay");
  const direct = rule.nesterov ? lr.times(decay) : ZERO;
  const fed = mu.times(ratio).plus(ONE.minus(rule.dampening).times(decay));
  const slowest = ONE.minus(direct).minus(ahead.times(fed));
  need(slowest.sign() >= 0, "proof.ratios: a step with this ratio changes signs");
  const grown = fed.times(ONE.plus(ahead.times(ratio)));
  need(grown.compare(ratio.times(ONE.minus(direct))) <= 0, "proof.ratios: a step does not keep this ratio");
  const least = steps === null ? ZERO : power(slowest, steps, bits, below);
  const widest = ONE.over(ratio);
  return { least, carried, together: least.isZero() ? widest : lesser(widest, carried.over(least)) };
}

function sgdDrift(rule, proof, steps) {
  const [weights, bias] = [rule.weightDecay, rule.biasDecay].map((decay, k) => {
    return sgdGroup(rule, decay, proof.ratios[k], steps, proof.bits);
  });
  return ({ parameters: p, velocity: v }) => {
    const still = p.map(() => ZERO);
    const last = p.length - 1;
    const corners = [];
    if (rule.weightDecay.equals(rule.biasDecay)) {
      const far = lesser(weights.together, bias.together);
      corners.push(p, p.map((x, i) => x.minus(far.times(v[i]))));
      return { corners, down: still, up: still };
    }
    for (const a of [weights.least, ONE]) {
      for (const c of [ZERO, weights.carried]) {
        for (const b of [bias.least, ONE]) {
          for (const d of [ZERO, bias.carried]) {
            corners.push(p.map((x, i) => (i < last ? a : b).times(x).minus((i < last ? c : d).times(v[i]))));
          }
        }
      }
    }
    return { corners, down: still, up: still };
  };
}

/** A bound of the factor times all ratio^k with k > last; null if there is none. */
function series(ratio, last, factor, bits) {
  const high = above(ratio, bits);
  if (high.compare(ONE) >= 0) return null;
  return factor.times(power(high, last + 1, bits, above)).over(ONE.minus(high));
}

/** Bounds of the sums of the moves of Adam over |m| / sqrt(v), and over |m| / eps; null where there is none. */
function sumsOfMoves(rule, shrink, proof, steps) {
  const { bits } = proof;
  const last = steps === null ? proof.explicit : Math.min(proof.explicit, steps);
  let b1 = power(rule.beta1, rule.taken, bits, above);
  let b2 = power(rule.beta2, rule.taken, bits, below);
  let [first, second, scale] = [ONE, ONE, ONE];
  let [byRoot, byEps] = [ZERO, ZERO];
  for (let k = 0; k < last; k += 1) {
    b1 = above(b1.times(rule.beta1), bits);
    b2 = below(b2.times(rule.beta2), bits);
    first = above(first.times(rule.beta1), bits);
    second = below(second.times(rule.beta2), bits);
    scale = below(scale.times(shrink), bits);
    need(b1.compare(ONE) < 0 && scale.sign() > 0, "proof.bits: too few for powers");
    const move = above(rule.lr.times(first).over(scale.times(ONE.minus(b1))), bits);
    byEps = byEps.plus(move);
    if (second.isZero()) byRoot = null;
    else if (byRoot !== null) {
      byRoot = byRoot.plus(above(move.times(rootAbove(ONE.minus(b2).over(second), bits)), bits));
    }
  }
  if (steps !== null && steps <= last) return [byRoot, byEps];
  b1 = above(b1.times(rule.beta1), bits);
  need(b1.compare(ONE) < 0, "proof.bits: too few for the powers of beta1");
  const rest = above(rule.lr.over(ONE.minus(b1)), bits);
  const root = rootBelow(rule.beta2, bits);
  const tail = root.isZero() ? null : series(rule.beta1.over(root.times(shrink)), last, rest, bits);
  const other = series(rule.beta1.over(shrink), last, rest, bits);
  return [byRoot === null || tail === null ? null : byRoot.plus(tail), other === null ? null : byEps.plus(other)];
}

/** How far the moments of Adam carry a parameter. */
function momentDrift(m, v, rule, [byRoot, byEps], bits) {
  const size = m.size();
  const root = rootBelow(v, bits);
  const found = [];
  if (byRoot !== null && !root.isZero()) found.push(size.times(byRoot).over(root));
  if (byEps !== null && !rule.eps.isZero()) found.push(size.times(byEps).over(rule.eps));
  need(found.length > 0, "Adam may carry a parameter without bound");
  return above(found.reduce(lesser), bits);
}

/** How far Adam carries a parameter that is decayed through its gradient. */
function decayDrift(m, v, rule, steps, bits) {
  need(steps !== null, "no bound for ever: Adam divides weight decay through the gradient by its size");
  const { beta1, beta2 } = rule;
  need(beta1.times(beta1).compare(beta2) < 0, "no bound: expected beta1^2 below beta2");
  need(v.sign() > 0 || m.isZero(), "no bound: a first moment without a second one");
  const past = v.isZero() ? ZERO : m.times(m).over(v);
  const fresh = ONE.minus(beta1).times(ONE.minus(beta1));
  const width = ONE.minus(beta2).times(ONE.minus(beta1.times(beta1).over(beta2)));
  const ratio = rootAbove(past.plus(fresh.over(width)), bits);
  const started = power(beta1, rule.taken + 1, bits, above);
  need(started.compare(ONE) < 0, "proof.bits: too few for the powers of beta1");
  return above(rational(steps).times(rule.lr).times(ratio).over(ONE.minus(started)), bits);
}

function adamDrift(rule, proof, steps) {
  const { bits } = proof;
  const decoupled = rule.name === "adamw";
  const slow = [rule.weightDecay, rule.biasDecay].map((d) => (decoupled ? ONE.minus(rule.lr.times(d)) : ONE));
  need(slow.every((s) => s.sign() > 0), CHANGES_SIGNS);
  const alike = slow[0].equals(slow[1]);
  const sums = sumsOfMoves(rule, alike ? slow[0] : ONE, proof, steps);
  const ends = slow.map((s) => {
    if (alike || s.equals(ONE)) return [ONE];
    return [ONE, steps === null ? ZERO : power(s, steps, bits, below)];
  });
  return ({ parameters: p, velocity, square }) => {
    const last = p.length - 1;
    const down = p.map(() => ZERO);
    const up = p.map(() => ZERO);
    velocity.forEach((m, i) => {
      const decay = i < last ? rule.weightDecay : rule.biasDecay;
      if (!decoupled && !decay.isZero()) {
        down[i] = decayDrift(m, square[i], rule, steps, bits);
        up[i] = down[i];
      } else if (!m.isZero()) {
        (m.sign() > 0 ? down : up)[i] = momentDrift(m, square[i], rule, sums, bits);
      }
    });
    const corners = ends[0].flatMap((a) => ends[1].map((b) => p.map((x, i) => (i < last ? a : b).times(x))));
    return { corners, down, up };
  };
}

/** A function that says of a unit without gradients where it can be carried: {corners, down, up}. */
export function driftOf(rule, proof, steps) {
  return (rule.name === "sgd" ? sgdDrift : adamDrift)(rule, proof, steps);
}
