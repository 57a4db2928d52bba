// The function that a network computes, over the data: a map for points in the plane, a curve for points on a line, and
// bars beside the labels for all others.

import { channels, mixed, sharpCanvas } from "./palette.js";
import { inner } from "./linear.js";

const CELLS = 56;

export class FunctionView {
  constructor(canvas, problem, points, palette) {
    this.canvas = canvas;
    this.points = points;
    this.palette = palette;
    this.dimension = points[0].length;
    this.box = boxAround(points);
    const labels = problem.labels;
    const [low, high] = [Math.min(...labels), Math.max(...labels)];
    const room = high > low ? high - low : 1;
    this.range = [low - 0.5 * room, high + 0.5 * room];
    this.image = document.createElement("canvas");
    this.image.width = CELLS;
    this.image.height = CELLS;
  }

  draw(problem, point) {
    const { context, width, height } = sharpCanvas(this.canvas);
    context.clearRect(0, 0, width, height);
    if (this.dimension === 2) this.drawMap(context, width, height, problem, point);
    else if (this.dimension === 1) this.drawCurve(context, width, height, problem, point);
    else this.drawBars(context, width, height, problem, point);
  }

  value(problem, point, row) {
    return problem.outputAt(row, point);
  }

  share(value) {
    return Math.min(1, Math.max(0, (value - this.range[0]) / (this.range[1] - this.range[0])));
  }

  ramp() {
    const [low, middle, high] = [this.palette.low, this.palette.middle, this.palette.high].map(channels);
    return Array.from({ length: 256 }, (_, k) => {
      const [from, to, t] = k < 128 ? [low, middle, k / 127.5] : [middle, high, (k - 127.5) / 127.5];
      return from.map((x, c) => Math.round(x + t * (to[c] - x)));
    });
  }

  drawMap(context, width, height, problem, point) {
    const [[x0, x1], [y0, y1]] = this.box;
    const size = Math.min(width, height);
    const left = (width - size) / 2;
    const ramp = this.ramp();
    const pen = this.image.getContext("2d");
    const pixels = pen.createImageData(CELLS, CELLS);
    for (let r = 0; r < CELLS; r += 1) {
      for (let c = 0; c < CELLS; c += 1) {
        const row = [x0 + ((c + 0.5) / CELLS) * (x1 - x0), y1 - ((r + 0.5) / CELLS) * (y1 - y0), 1];
        const colour = ramp[Math.round(255 * this.share(this.value(problem, point, row)))];
        pixels.data.set([...colour, 255], 4 * (r * CELLS + c));
      }
    }
    pen.putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(this.image, left, 0, size, size);
    const at = ([x, y]) => [left + ((x - x0) / (x1 - x0)) * size, ((y1 - y) / (y1 - y0)) * size];
    context.save();
    context.beginPath();
    context.rect(left, 0, size, size);
    context.clip();
    for (let j = 0; j < problem.units; j += 1) this.drawFold(context, problem.unitOf(point, j), at);
    context.restore();
    const outputs = problem.outputs(point);
    this.points.forEach((spot, i) => this.drawPoint(context, at(spot), problem.labels[i], outputs[i]));
  }

  // The line on which a unit bends.
  drawFold(context, [u, v, b], at) {
    const [[x0, x1], [y0, y1]] = this.box;
    if (Math.hypot(u, v) < 1e-9) return;
    const ends = Math.abs(v) > Math.abs(u)
      ? [[x0, -(b + u * x0) / v], [x1, -(b + u * x1) / v]]
      : [[-(b + v * y0) / u, y0], [-(b + v * y1) / u, y1]];
    context.beginPath();
    context.moveTo(...at(ends[0]));
    context.lineTo(...at(ends[1]));
    context.strokeStyle = this.palette.ink;
    context.setLineDash([4, 4]);
    context.lineWidth = 1.2;
    context.stroke();
    context.setLineDash([]);
  }

  drawPoint(context, [x, y], label, output) {
    const paint = (value) => mixedRamp(this.ramp(), this.share(value));
    context.beginPath();
    context.arc(x, y, 6.5, 0, 2 * Math.PI);
    context.fillStyle = paint(label);
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = this.palette.ink;
    context.stroke();
    if (this.points.length > 12) return;
    context.font = "600 12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    const text = rounded(output);
    const wide = context.measureText(text).width + 8;
    const below = y + 21;
    context.fillStyle = mixed(this.palette.paper, this.palette.paper, 1);
    context.globalAlpha = 0.86;
    context.fillRect(x - wide / 2, below - 8, wide, 16);
    context.globalAlpha = 1;
    context.fillStyle = this.palette.ink;
    context.fillText(text, x, below);
  }

  drawCurve(context, width, height, problem, point) {
    const [[x0, x1]] = this.box;
    const outputs = problem.outputs(point);
    const all = [...problem.labels, ...outputs, 0];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const room = 0.18 * (high - low || 1);
    const at = (x, y) => [10 + ((x - x0) / (x1 - x0)) * (width - 20), 8 + ((high + room - y) / (high - low + 2 * room)) * (height - 16)];
    context.strokeStyle = this.palette.faint;
    line(context, at(x0, 0), at(x1, 0), 1);
    context.beginPath();
    for (let k = 0; k <= 240; k += 1) {
      const x = x0 + (k / 240) * (x1 - x0);
      context.lineTo(...at(x, this.value(problem, point, [x, 1])));
    }
    context.strokeStyle = this.palette.accent;
    context.lineWidth = 2.4;
    context.stroke();
    this.points.forEach(([x], i) => this.drawError(context, at(x, problem.labels[i]), at(x, outputs[i])));
  }

  drawBars(context, width, height, problem, point) {
    const outputs = problem.outputs(point);
    const all = [...problem.labels, ...outputs, 0];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const room = 0.15 * (high - low || 1);
    const at = (i, y) => [((i + 0.5) / outputs.length) * width, 6 + ((high + room - y) / (high - low + 2 * room)) * (height - 12)];
    context.strokeStyle = this.palette.faint;
    line(context, at(-0.5, 0), at(outputs.length - 0.5, 0), 1);
    outputs.forEach((f, i) => this.drawError(context, at(i, problem.labels[i]), at(i, f)));
  }

  // A label as a ring, the output as a disc, and the error between them.
  drawError(context, label, output) {
    context.strokeStyle = this.palette.soft;
    line(context, label, output, 1.5);
    context.beginPath();
    context.arc(...output, 4, 0, 2 * Math.PI);
    context.fillStyle = this.palette.accent;
    context.fill();
    context.beginPath();
    context.arc(...label, 5.5, 0, 2 * Math.PI);
    context.strokeStyle = this.palette.ink;
    context.lineWidth = 2;
    context.stroke();
  }
}

function line(context, from, to, wide) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.lineWidth = wide;
  context.stroke();
}

function mixedRamp(ramp, share) {
  return `rgb(${ramp[Math.round(255 * share)].join(",")})`;
}

function boxAround(points) {
  const axes = points[0].map((_, k) => points.map((point) => point[k]));
  const widest = Math.max(...axes.map((xs) => Math.max(...xs) - Math.min(...xs)), 1e-9);
  return axes.map((xs) => {
    const middle = (Math.max(...xs) + Math.min(...xs)) / 2;
    return [middle - 0.8 * widest, middle + 0.8 * widest];
  });
}

export function rounded(x, digits = 2) {
  if (Math.abs(x) >= 1e4) return x.toExponential(1).replace("e+", "e").replace("-", "\u2212");
  const text = Math.abs(x) < 0.5 * 10 ** -digits ? "0" : x.toFixed(digits).replace(/\.?0+$/, "");
  return text.replace("-", "\u2212");
}
