// First roots of level + sum of weights exp(-rates t): steps that a parabola below the function allows skip no narrow band.

const ROOT_STEPS = 400;

// The first time t > 0 at which the function becomes negative; Infinity if there is none before `latest`.
export function firstRoot(level, weights, rates, size, latest) {
  const base = Math.abs(level) <= 1e-11 * size ? 0 : level;
  const kept = merged(weights, rates, 1e-14 * size);
  if (!kept.length) return Infinity;
  let t = timeAway(base, kept, size);
  for (let step = 0; step < ROOT_STEPS; step += 1) {
    const { value, slope, bend, falling, last } = expanded(base, kept, t);
    if (base !== 0 ? base + falling > 0 : last > 0 && last + falling > 0) return Infinity;
    if (t > latest) return Infinity;
    if (slope < 0 && (value <= 0 || 2 * bend * value < slope * slope)) return polished(base, kept, t);
    if (bend === 0) return Infinity;
    t += (0.98 * (slope + Math.sqrt(slope * slope + 2 * bend * Math.max(value, 0)))) / bend;
  }
  return Infinity;
}

// Pairs [weight, rate], the slowest first; those of one rate together, and without what is too small.
function merged(weights, rates, least) {
  const found = [];
  rates.map((rate, k) => [weights[k], rate]).sort((a, b) => a[1] - b[1]).forEach(([weight, rate]) => {
    const last = found[found.length - 1];
    if (last && rate - last[1] <= 1e-9 * rate) last[0] += weight;
    else found.push([weight, rate]);
  });
  return found.filter(([weight]) => Math.abs(weight) > least);
}

function expanded(base, kept, t) {
  const found = { value: base, slope: 0, bend: 0, falling: 0, last: kept[0][0] * Math.exp(-kept[0][1] * t) };
  for (const [weight, rate] of kept) {
    const part = weight * Math.exp(-rate * t);
    found.value += part;
    found.slope -= part * rate;
    found.bend += Math.abs(part) * rate * rate;
    if (part < 0) found.falling += part;
  }
  return found;
}

// A time up to which a function that starts at 0 and rises is positive; 0 where it does not start at 0.
function timeAway(base, kept, size) {
  let value = base;
  let slope = 0;
  let bend = 0;
  let twist = 0;
  let curve = 0;
  for (const [weight, rate] of kept) {
    value += weight;
    slope -= weight * rate;
    curve += weight * rate * rate;
    bend += Math.abs(weight) * rate * rate;
    twist += Math.abs(weight) * rate * rate * rate;
  }
  if (Math.abs(value) > 1e-11 * size || !bend) return 0;
  if (Math.abs(slope) > 1e-9 * Math.sqrt(size * bend)) return slope > 0 ? slope / bend : 0;
  return curve > 0 && twist > 0 ? (1.5 * curve) / twist : 0;
}

function polished(base, kept, start) {
  let t = start;
  for (let round = 0; round < 8; round += 1) {
    let value = base;
    let slope = 0;
    for (const [weight, rate] of kept) {
      const part = weight * Math.exp(-rate * t);
      value += part;
      slope -= part * rate;
    }
    if (!(slope < 0)) break;
    const next = t - value / slope;
    if (next === t) break;
    t = next;
  }
  return Math.max(t, 0);
}
