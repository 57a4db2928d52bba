// Colours and marks of the kinds of stationary sets, as the theme of the page has them, so that colour is never alone.

export const KIND_MARKS = {
  "global minimum": { name: "global", mark: "disc" },
  "local minimum": { name: "local", mark: "square" },
  saddle: { name: "saddle", mark: "cross" },
  "local maximum": { name: "maximum", mark: "triangle" },
};

export class Palette {
  constructor(element) {
    this.element = element;
    this.read();
  }

  read() {
    const style = getComputedStyle(this.element);
    const value = (name) => style.getPropertyValue(name).trim();
    this.ink = value("--explorer-ink");
    this.soft = value("--explorer-soft");
    this.faint = value("--explorer-faint");
    this.paper = value("--explorer-paper");
    this.accent = value("--explorer-accent");
    this.start = value("--explorer-start");
    this.low = value("--explorer-low");
    this.high = value("--explorer-high");
    this.middle = value("--explorer-middle");
    this.kinds = Object.fromEntries(Object.entries(KIND_MARKS).map(([kind, { name }]) => [kind, value(`--kind-${name}`)]));
  }

  ofKind(kind) {
    return this.kinds[kind] ?? this.soft;
  }

  // The colour of the basin of a set: that of its kind, mixed with paper by its rank among the sets of its kind.
  ofBasin(kind, rank) {
    return mixed(this.ofKind(kind), this.paper, [0.34, 0.2, 0.46, 0.27][rank % 4]);
  }
}

export function channels(colour) {
  const hex = colour.replace("#", "");
  return [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16));
}

export function mixed(colour, other, share) {
  const b = channels(other);
  const parts = channels(colour).map((x, k) => Math.round(share * x + (1 - share) * b[k]));
  return `rgb(${parts.join(",")})`;
}

// Draw the mark of a kind in the middle of (x, y).
export function drawMark(context, kind, x, y, size, colour, rim) {
  const shape = KIND_MARKS[kind]?.mark ?? "disc";
  context.beginPath();
  if (shape === "disc") context.arc(x, y, size, 0, 2 * Math.PI);
  if (shape === "square") context.rect(x - 0.88 * size, y - 0.88 * size, 1.76 * size, 1.76 * size);
  if (shape === "triangle") {
    context.moveTo(x, y - 1.15 * size);
    context.lineTo(x + 1.05 * size, y + 0.8 * size);
    context.lineTo(x - 1.05 * size, y + 0.8 * size);
    context.closePath();
  }
  if (shape === "cross") {
    const a = 0.34 * size;
    const b = 1.05 * size;
    const turned = [[0, a], [b - a, b], [b, b - a], [a, 0], [b, a - b], [b - a, -b], [0, -a], [a - b, -b], [-b, a - b], [-a, 0], [-b, b - a], [a - b, b]];
    turned.forEach(([u, v], k) => (k ? context.lineTo(x + u, y + v) : context.moveTo(x + u, y + v)));
    context.closePath();
  }
  context.lineWidth = 3;
  context.strokeStyle = rim;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
}

// Make a canvas as sharp as the screen; return its context and its size in CSS pixels.
export function sharpCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { width, height } = canvas.getBoundingClientRect();
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}
