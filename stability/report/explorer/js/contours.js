// Lines of equal height of a function on a square, by marching squares; the levels are chosen by what occurs.

const CONTOURS = 14;

// Segments [[x, y], [x, y]] on the square from -span to span, sampled so many times along each axis.
export function contourLines(height, span, count) {
  const values = sampledSquare(height, span, count);
  return quantiles(values.flat(), CONTOURS).flatMap((level) => levelLines(values, span, level));
}

export function sampledSquare(height, span, count) {
  const line = Array.from({ length: count + 1 }, (_, k) => -span + (2 * span * k) / count);
  return line.map((y) => line.map((x) => height([x, y])));
}

function quantiles(values, count) {
  const sorted = values.slice().sort((a, b) => a - b);
  const low = sorted[0];
  const roots = Array.from({ length: count }, (_, k) => sorted[Math.floor(((k + 0.6) / count) * (sorted.length - 1))]);
  return [...new Set(roots)].filter((level) => level > low + 1e-9);
}

export function levelLines(values, span, level) {
  const count = values.length - 1;
  const step = (2 * span) / count;
  const found = [];
  for (let j = 0; j < count; j += 1) {
    for (let i = 0; i < count; i += 1) {
      const corners = [values[j][i], values[j][i + 1], values[j + 1][i + 1], values[j + 1][i]];
      const cuts = [];
      corners.forEach((low, k) => {
        const high = corners[(k + 1) % 4];
        if (low < level === high < level) return;
        const share = (level - low) / (high - low);
        const [x, y] = [[share, 0], [1, share], [1 - share, 1], [0, 1 - share]][k];
        cuts.push([-span + (i + x) * step, -span + (j + y) * step]);
      });
      for (let k = 0; k + 1 < cuts.length; k += 2) found.push([cuts[k], cuts[k + 1]]);
    }
  }
  return found;
}
