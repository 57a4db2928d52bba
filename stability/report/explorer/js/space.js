// The atlas of one unit in space, turned by the mouse, by touch, or by the arrow keys.

import { drawMark, sharpCanvas } from "./palette.js";

export class SpaceView {
  constructor(canvas, space, palette) {
    this.canvas = canvas;
    this.space = space;
    this.palette = palette;
    this.yaw = -0.62;
    this.pitch = 0.42;
  }

  turn(dx, dy) {
    this.yaw += dx;
    this.pitch = Math.min(1.5, Math.max(-1.5, this.pitch + dy));
  }

  // Pixels and nearness to the viewer of a point of space.
  project([x, y, z]) {
    const [c, s] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    const [u, v] = [c * x - s * y, s * x + c * y];
    const [p, q] = [Math.cos(this.pitch), Math.sin(this.pitch)];
    return [this.middle[0] + u * this.scale, this.middle[1] - (p * z + q * v) * this.scale, -p * v + q * z];
  }

  draw(scene, path, lit) {
    const { context, width, height } = sharpCanvas(this.canvas);
    context.clearRect(0, 0, width, height);
    const { span } = this.space;
    this.middle = [width / 2, height / 2];
    this.scale = Math.min(width, height) / (3.55 * span);
    const items = [...this.frameItems(), ...this.partItems(scene, lit), ...this.pathItems(path, scene.step !== null)];
    for (const item of items) item.near = item.spots.reduce((sum, spot) => sum + this.project(spot)[2], 0) / item.spots.length + (item.lift ?? 0);
    items.sort((a, b) => a.near - b.near);
    this.drawn = [];
    for (const item of items) this.drawItem(context, item);
    this.drawNames(context);
  }

  frameItems() {
    const { span, kinks } = this.space;
    const corners = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => [x * span, y * span, z * span])));
    const edges = corners.flatMap((a, k) => corners.slice(k + 1).filter((b) => a.filter((x, c) => x !== b[c]).length === 1).map((b) => [a, b]));
    const frame = edges.map((spots) => ({ kind: "line", spots, colour: this.palette.faint, wide: 1, lift: -9 * span }));
    return [...frame, ...kinks.map((spots) => ({ kind: "sheet", spots, lift: -4 * span }))];
  }

  partItems({ sets, solids }, lit) {
    return solids.flatMap((part) => {
      const set = sets[part.set];
      const strong = lit === part.set;
      return part.sides.map((spots) => ({ kind: ["point", "line", "side"][spots.length < 3 ? spots.length - 1 : 2], spots, set, strong, colour: this.palette.ofKind(set.kind), wide: strong ? 6 : 3.6, lift: spots.length < 3 ? 0.2 : 0 }));
    });
  }

  pathItems(path, steps) {
    if (!path) return [];
    const segments = [];
    const near = (spot) => spot.every((x) => Math.abs(x) <= 1.6 * this.space.span);
    const wide = steps ? 0.9 : 2.4;
    for (let k = 0; k + 1 < path.length; k += 1) if (near(path[k]) || near(path[k + 1])) segments.push({ kind: "line", spots: [path[k], path[k + 1]], colour: this.palette.start, wide, lift: 0.3 });
    return near(path[0]) ? [...segments, { kind: "start", spots: [path[0]], lift: 0.6 }] : segments;
  }

  drawItem(context, item) {
    const spots = item.spots.map((spot) => this.project(spot));
    if (item.kind === "point") {
      drawMark(context, item.set.kind, spots[0][0], spots[0][1], item.strong ? 8 : 5.5, item.colour, item.strong ? this.palette.ink : this.palette.paper);
      this.drawn.push([item.set.index, spots[0]]);
      return;
    }
    if (item.kind === "start") {
      context.beginPath();
      context.arc(spots[0][0], spots[0][1], 5, 0, 2 * Math.PI);
      context.fillStyle = this.palette.paper;
      context.strokeStyle = this.palette.start;
      context.lineWidth = 2.4;
      context.fill();
      context.stroke();
      return;
    }
    context.beginPath();
    spots.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (item.kind === "line") {
      context.strokeStyle = item.colour;
      context.lineWidth = item.wide;
      context.lineCap = "round";
      context.stroke();
      return;
    }
    context.closePath();
    const sheet = item.kind === "sheet";
    const thin = Math.min(1, 6 / this.space.kinks.length);
    context.globalAlpha = sheet ? 0.05 * thin : item.strong ? 0.5 : 0.26;
    context.fillStyle = sheet ? this.palette.ink : item.colour;
    context.fill();
    context.globalAlpha = sheet ? 0.16 * thin : 0.8;
    context.strokeStyle = sheet ? this.palette.ink : item.colour;
    context.lineWidth = item.strong ? 2 : 0.8;
    context.stroke();
    context.globalAlpha = 1;
    if (!sheet) this.drawn.push([item.set.index, spots.reduce((sum, p) => [sum[0] + p[0] / spots.length, sum[1] + p[1] / spots.length], [0, 0])]);
  }

  drawNames(context) {
    const { span, axes } = this.space;
    context.fillStyle = this.palette.ink;
    context.font = "italic 13px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    const ends = [[1.18 * span, -span, -span], [-span, 1.18 * span, -span], [-span, -span, 1.16 * span]];
    ends.forEach((end, k) => {
      const [x, y] = this.project(end);
      context.fillText(axes[k], x, y);
    });
  }

  setAt(px, py) {
    const near = (this.drawn ?? []).map(([set, [x, y]]) => [set, Math.hypot(x - px, y - py)]).filter(([, far]) => far < 14);
    near.sort((a, b) => a[1] - b[1]);
    return near.length ? near[0][0] : null;
  }
}
