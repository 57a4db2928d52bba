// Gradient descent with a constant step, and what becomes of it: rest, a cycle, or no end.

const MOST_STEPS = 1500;

// Returns {points, outcome, period, set}: "rests", "cycle", "diverges", or "moves" after `most` steps.
export function descend(problem, start, step, locate, most = MOST_STEPS) {
  const points = [start.slice()];
  let point = start;
  for (let k = 0; k < most; k += 1) {
    const gradient = problem.gradient(point);
    const next = point.map((x, c) => x - step * gradient[c]);
    if (!next.every((x) => Math.abs(x) < 1e6)) return { points, outcome: "diverges", period: null, set: null };
    const moved = Math.max(...next.map((x, c) => Math.abs(x - point[c])));
    const size = 1 + Math.max(...next.map(Math.abs));
    point = next;
    points.push(next);
    if (moved <= 1e-11 * size) return { points, outcome: "rests", period: 1, set: locate(next) };
    if (k > 20 && k % 10 === 0) {
      const period = repeats(points, size);
      if (period) return { points, outcome: "cycle", period, set: null };
    }
  }
  return { points, outcome: "moves", period: null, set: null };
}

function repeats(points, size) {
  const last = points.length - 1;
  for (let period = 2; period <= 8; period += 1) {
    const close = (a, b) => points[a].every((x, c) => Math.abs(x - points[b][c]) <= 1e-9 * size);
    if (close(last, last - period) && close(last - 1, last - 1 - period)) return period;
  }
  return null;
}
