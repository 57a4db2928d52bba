// The plane of parameter space: basins, levels, kinks, arrows and stationary sets below; trajectory and start above.

import { inner, inverted } from "./linear.js";
import { contourLines } from "./contours.js";
import { drawMark, mixed, sharpCanvas } from "./palette.js";

const MARGIN = { left: 46, right: 12, top: 12, bottom: 40 };

export class PlaneView {
  constructor(below, above, plane, palette) {
    this.below = below;
    this.above = above;
    this.plane = plane;
    this.palette = palette;
    const { right, up } = plane;
    const gram = inverted([[inner(right, right), inner(right, up)], [inner(right, up), inner(up, up)]]);
    this.readers = gram.map(([a, b]) => right.map((x, k) => a * x + b * up[k]));
  }

  // The parameters at a spot of the plane, and the spot nearest to some parameters.
  parameters([x, y]) {
    const { origin, right, up } = this.plane;
    return origin.map((c, k) => c + x * right[k] + y * up[k]);
  }

  spot(point) {
    const away = point.map((x, k) => x - this.plane.origin[k]);
    return this.readers.map((reader) => inner(reader, away));
  }

  // How far parameters are from the plane.
  distance(point) {
    const shadow = this.parameters(this.spot(point));
    return Math.sqrt(point.reduce((sum, x, k) => sum + (x - shadow[k]) ** 2, 0));
  }

  measure() {
    const { width, height } = this.below.getBoundingClientRect();
    const size = Math.max(40, Math.min(width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom));
    this.frame = { left: MARGIN.left, top: MARGIN.top, size };
    this.scale = size / (2 * this.plane.span);
  }

  pixel([x, y]) {
    const { left, top } = this.frame;
    return [left + (x + this.plane.span) * this.scale, top + (this.plane.span - y) * this.scale];
  }

  fromPixel(px, py) {
    const { left, top } = this.frame;
    return [(px - left) / this.scale - this.plane.span, this.plane.span - (py - top) / this.scale];
  }

  // The context of a canvas, empty, on which nothing is drawn outside the frame until it is restored.
  within(canvas) {
    const { context, width, height } = sharpCanvas(canvas);
    context.clearRect(0, 0, width, height);
    const { left, top, size } = this.frame;
    context.save();
    context.beginPath();
    context.rect(left, top, size, size);
    context.clip();
    return context;
  }

  drawBelow(scene, lit) {
    this.measure();
    const context = this.within(this.below);
    const { left, top, size } = this.frame;
    context.fillStyle = this.palette.paper;
    context.fillRect(left, top, size, size);
    if (scene.basins) this.drawBasins(context, scene, lit);
    this.drawLevels(context, scene);
    this.drawKinks(context);
    this.drawArrows(context, scene);
    for (const part of scene.parts) if (part.dimension > 0) this.drawPart(context, scene, part, lit);
    context.restore();
    this.drawAxes(context);
    for (const part of scene.parts) if (part.dimension === 0) this.drawPart(context, scene, part, lit);
  }

  drawBasins(context, { basins, sets }, lit) {
    const shades = new Map(sets.map((each) => [each.index, this.palette.ofBasin(each.kind, each.rank)]));
    const strong = (label) => (label === lit ? mixed(this.palette.ofKind(sets[label].kind), this.palette.paper, 0.62) : null);
    const shade = (label) => (label < 0 ? this.palette.paper : strong(label) ?? shades.get(label) ?? this.palette.paper);
    const { x, y } = basins;
    const step = [x[1] - x[0], y[1] - y[0]];
    basins.rows.forEach((row, j) => {
      let first = 0;
      for (let k = 0; k < row.length; k += 2) {
        const [px, py] = this.pixel([x[first] - step[0] / 2, y[j] + step[1] / 2]);
        context.fillStyle = shade(row[k]);
        context.fillRect(px - 0.3, py - 0.3, row[k + 1] * step[0] * this.scale + 0.6, step[1] * this.scale + 0.6);
        first += row[k + 1];
      }
    });
    for (const [corners, label] of basins.pieces) {
      context.beginPath();
      for (let k = 0; k < corners.length; k += 2) context.lineTo(...this.pixel([corners[k], corners[k + 1]]));
      context.closePath();
      context.fillStyle = shade(label);
      context.strokeStyle = context.fillStyle;
      context.lineWidth = 0.5;
      context.fill();
      context.stroke();
    }
    context.beginPath();
    for (const [a, b, c, d] of basins.lines) {
      context.moveTo(...this.pixel([a, b]));
      context.lineTo(...this.pixel([c, d]));
    }
    context.strokeStyle = this.palette.ink;
    context.lineWidth = 1.6;
    context.lineCap = "round";
    context.stroke();
  }

  drawLevels(context, scene) {
    context.beginPath();
    for (const [a, b] of this.levelsOf(scene)) {
      context.moveTo(...this.pixel(a));
      context.lineTo(...this.pixel(b));
    }
    context.strokeStyle = this.palette.faint;
    context.lineWidth = 0.7;
    context.stroke();
  }

  levelsOf(scene) {
    if (this.levels?.problem !== scene.problem) {
      const loss = (spot) => scene.problem.loss(this.parameters(spot));
      this.levels = { problem: scene.problem, lines: contourLines(loss, this.plane.span, 72) };
    }
    return this.levels.lines;
  }

  drawKinks(context) {
    context.beginPath();
    for (const { line } of this.plane.kinks) {
      context.moveTo(...this.pixel(line[0]));
      context.lineTo(...this.pixel(line[1]));
    }
    context.strokeStyle = this.palette.soft;
    context.lineWidth = 1.1;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  drawArrows(context, { problem }) {
    const count = this.frame.size < 380 ? 11 : 17;
    const gap = (2 * this.plane.span) / count;
    context.strokeStyle = this.palette.soft;
    context.fillStyle = this.palette.soft;
    context.lineWidth = 1;
    const speeds = [];
    for (let r = 0; r < count; r += 1) {
      for (let c = 0; c < count; c += 1) {
        const spot = [-this.plane.span + (c + 0.5) * gap, -this.plane.span + (r + 0.5) * gap];
        const point = this.parameters(spot);
        if (problem.signsAt(point, 1e-9).some((face) => face.includes(0))) continue;
        const slope = problem.gradient(point).map((x) => -x);
        const speed = this.readers.map((reader) => inner(reader, slope));
        const length = Math.hypot(...speed);
        if (length > 1e-9) speeds.push([spot, speed, length]);
      }
    }
    const typical = speeds.map((each) => each[2]).sort((a, b) => a - b)[Math.floor(speeds.length * 0.8)] || 1;
    for (const [spot, speed, length] of speeds) {
      const long = gap * this.scale * (0.22 + 0.5 * Math.min(1, Math.sqrt(length / typical)));
      arrow(context, this.pixel(spot), [(speed[0] / length) * long, (-speed[1] / length) * long]);
    }
  }

  drawPart(context, { sets }, part, lit) {
    const each = sets[part.set];
    const colour = this.palette.ofKind(each.kind);
    const spots = part.spots.map((spot) => this.pixel(spot));
    const strong = lit === part.set;
    if (part.dimension === 0) {
      drawMark(context, each.kind, ...spots[0], strong ? 9 : 6.5, colour, strong ? this.palette.ink : this.palette.paper);
      return;
    }
    context.beginPath();
    spots.forEach((spot, k) => (k ? context.lineTo(...spot) : context.moveTo(...spot)));
    if (part.dimension === 2) {
      context.closePath();
      hatched(context, colour, strong ? 5 : 8, spots);
    }
    context.strokeStyle = colour;
    context.lineWidth = (part.dimension === 1 ? 4 : 1) + (strong ? 2.5 : 0);
    context.stroke();
  }

  drawAxes(context) {
    const { left, top, size } = this.frame;
    const { span, axes } = this.plane;
    context.strokeStyle = this.palette.soft;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1);
    context.fillStyle = this.palette.ink;
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const share of [-1, -0.5, 0, 0.5, 1]) {
      const [px, py] = this.pixel([share * span, -span]);
      const anchor = share === -1 ? "left" : share === 1 ? "right" : "center";
      context.textAlign = anchor;
      context.fillText(ticked(share * span), px, py + 5);
      context.textAlign = "right";
      const [qx, qy] = this.pixel([-span, share * span]);
      context.fillText(ticked(share * span), qx - 6, Math.min(Math.max(qy - 6, top), top + size - 11));
    }
    context.textAlign = "center";
    context.fillText(axes[0], left + size / 2, top + size + 21);
    context.save();
    context.translate(9, top + size / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = "middle";
    context.fillText(axes[1], 0, 0);
    context.restore();
  }

  drawAbove({ start, path, events, end, marker }, scene, lit) {
    const context = this.within(this.above);
    if (path) {
      const jumps = scene.step !== null;
      for (const [colour, wide] of jumps ? [[this.palette.soft, 0.8]] : [[this.palette.paper, 5], [this.palette.start, 2.4]]) {
        context.beginPath();
        path.forEach((spot, k) => (k ? context.lineTo(...this.pixel(spot)) : context.moveTo(...this.pixel(spot))));
        context.strokeStyle = colour;
        context.lineWidth = wide;
        context.lineJoin = "round";
        context.stroke();
      }
      const [radius, fill] = jumps ? [2.2, this.palette.start] : [3.2, this.palette.paper];
      for (const spot of events ?? []) dot(context, this.pixel(spot), radius, fill, this.palette.start, jumps ? 0 : 1.6);
      if (end) ring(context, this.pixel(end), this.palette.start, this.palette.paper);
      if (marker) dot(context, this.pixel(marker), 5.5, this.palette.accent, this.palette.paper, 2);
    }
    context.restore();
    this.drawName(context, scene, lit);
    if (start) {
      const [px, py] = this.pixel(start);
      dot(context, [px, py], 8, this.palette.paper, this.palette.start, 2.6);
      dot(context, [px, py], 3, this.palette.start, this.palette.start, 0);
    }
  }

  // What a set is, beside its first part in the plane.
  drawName(context, { sets, parts }, lit) {
    const part = parts.filter((each) => each.set === lit).sort((a, b) => b.dimension - a.dimension)[0];
    if (!part) return;
    const spots = part.spots.map((spot) => this.pixel(spot));
    const middle = [0, 1].map((k) => spots.reduce((sum, spot) => sum + spot[k], 0) / spots.length);
    const { left, top, size } = this.frame;
    const text = `set ${lit}: ${sets[lit].kind}, loss ${sets[lit].loss}`.replaceAll("-", "\u2212");
    context.font = "600 12px system-ui, sans-serif";
    const wide = context.measureText(text).width + 14;
    const x = Math.min(Math.max(middle[0] + 14, left + 4), left + size - wide - 4);
    const y = Math.max(middle[1] - 32, top + 4);
    context.fillStyle = this.palette.paper;
    context.strokeStyle = this.palette.ofKind(sets[lit].kind);
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(x, y, wide, 22, 5);
    context.fill();
    context.stroke();
    context.fillStyle = this.palette.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(text, x + 7, y + 11.5);
  }

  // The part of a set under a pixel: points before lines before areas.
  setAt(scene, px, py) {
    const near = scene.parts
      .map((part) => ({ part, far: this.distanceTo(part, px, py) }))
      .filter(({ part, far }) => far <= (part.dimension === 0 ? 11 : part.dimension === 1 ? 6 : 0));
    near.sort((a, b) => a.part.dimension - b.part.dimension || a.far - b.far);
    return near.length ? near[0].part.set : null;
  }

  distanceTo(part, px, py) {
    const spots = part.spots.map((spot) => this.pixel(spot));
    if (part.dimension === 0) return Math.hypot(spots[0][0] - px, spots[0][1] - py);
    if (part.dimension === 2) return insidePolygon(spots, px, py) ? 0 : Infinity;
    const [[ax, ay], [bx, by]] = spots;
    const share = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
    const t = Math.min(1, Math.max(0, share));
    return Math.hypot(ax + t * (bx - ax) - px, ay + t * (by - ay) - py);
  }
}

function insidePolygon(spots, px, py) {
  let inside = false;
  spots.forEach(([ax, ay], k) => {
    const [bx, by] = spots[(k + 1) % spots.length];
    if (ay > py !== by > py && px < ax + ((py - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  });
  return inside;
}

function ticked(value) {
  const text = String(Math.round(value * 1000) / 1000);
  return text.replace("-", "\u2212");
}

function dot(context, [x, y], radius, fill, rim, wide) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (!wide) return;
  context.strokeStyle = rim;
  context.lineWidth = wide;
  context.stroke();
}

// A ring around where a trajectory ends, so that the mark of the set inside it is seen.
function ring(context, [x, y], colour, rim) {
  for (const [wide, paint] of [[5, rim], [2.2, colour]]) {
    context.beginPath();
    context.arc(x, y, 10.5, 0, 2 * Math.PI);
    context.strokeStyle = paint;
    context.lineWidth = wide;
    context.stroke();
  }
}

function arrow(context, [x, y], [dx, dy]) {
  const long = Math.hypot(dx, dy);
  const [ux, uy] = [dx / long, dy / long];
  const head = Math.min(4, 0.45 * long);
  const [ex, ey] = [x + dx / 2, y + dy / 2];
  context.beginPath();
  context.moveTo(x - dx / 2, y - dy / 2);
  context.lineTo(ex - ux * head, ey - uy * head);
  context.stroke();
  context.beginPath();
  context.moveTo(ex, ey);
  context.lineTo(ex - ux * head - uy * head * 0.55, ey - uy * head + ux * head * 0.55);
  context.lineTo(ex - ux * head + uy * head * 0.55, ey - uy * head - ux * head * 0.55);
  context.closePath();
  context.fill();
}

function hatched(context, colour, gap, spots) {
  context.save();
  context.clip();
  context.globalAlpha = 0.16;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 0.75;
  const xs = spots.map((spot) => spot[0]);
  const ys = spots.map((spot) => spot[1]);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  context.beginPath();
  for (let x = Math.floor((x0 - (y1 - y0)) / gap) * gap; x < x1; x += gap) {
    context.moveTo(x, y1);
    context.lineTo(x + (y1 - y0), y0);
  }
  context.strokeStyle = colour;
  context.lineWidth = 0.8;
  context.stroke();
  context.restore();
  context.beginPath();
  spots.forEach((spot, k) => (k ? context.lineTo(...spot) : context.moveTo(...spot)));
  context.closePath();
}
