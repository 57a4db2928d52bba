// Basins that the page computes itself, ever finer, in the pauses between frames.

import { labelIn } from "./scenes.js";

const GRIDS = [12, 24, 48, 80];
const SLICE = 9;
const SHIFT = [0.137, -0.211];

export class Shading {
  constructor(view, redraw) {
    this.view = view;
    this.redraw = redraw;
    this.job = 0;
  }

  stop() {
    this.job += 1;
  }

  // Shade a scene; each finer grid replaces the coarser one in it.
  begin(scene) {
    this.stop();
    const job = this.job;
    const next = (level) => {
      if (level < GRIDS.length) this.fill(scene, GRIDS[level], job, () => next(level + 1));
    };
    next(0);
  }

  fill(scene, count, job, done) {
    const { span } = this.view.plane;
    const [x, y] = SHIFT.map((shift) => Array.from({ length: count }, (_, k) => ((k + 0.5 + shift) / count) * 2 * span - span));
    const labels = [];
    const slice = () => {
      if (job !== this.job) return;
      const began = performance.now();
      while (labels.length < count * count && performance.now() - began < SLICE) {
        const k = labels.length;
        labels.push(labelIn(scene, this.view.parameters([x[k % count], y[Math.floor(k / count)]])));
      }
      if (labels.length < count * count) {
        setTimeout(slice, 6);
        return;
      }
      scene.basins = gridOf(x, y, labels);
      this.redraw(scene);
      done();
    };
    setTimeout(slice, 6);
  }
}

function gridOf(x, y, labels) {
  const rows = y.map((_, j) => {
    const runs = [];
    for (let i = 0; i < x.length; i += 1) {
      const label = labels[j * x.length + i];
      if (runs.length && runs[runs.length - 2] === label) runs[runs.length - 1] += 1;
      else runs.push(label, 1);
    }
    return runs;
  });
  return { x, y, rows, pieces: [], lines: [] };
}
