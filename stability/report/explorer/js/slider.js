// The slider over a slope, a label or a step, above the losses of all branches.

import { functionNear } from "./rationals.js";
import { sharpCanvas } from "./palette.js";
import { sliderStops, snapshotAt, stopText } from "./families.js";

const STRIP = { left: 34, right: 12, top: 8, bottom: 18 };

export class ParameterSlider {
  // parts: {select, range, output, canvas, lines}; families with stops; act(choice) is called when something changes.
  constructor(parts, families, steps, palette, act) {
    Object.assign(this, parts);
    this.palette = palette;
    this.act = act;
    this.choices = new Map(families.map((family) => [family.vary, { family, stops: sliderStops(family) }]));
    if (steps) this.choices.set("step", { steps, stops: steps.stops });
    this.select.addEventListener("change", () => this.choose(this.select.value, null));
    this.range.addEventListener("input", () => this.move(Number(this.range.value)));
    this.canvas.addEventListener("pointerdown", (event) => this.pick(event));
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.pick(event));
    window.addEventListener("resize", () => this.draw());
  }

  get current() {
    return this.choices.get(this.vary) ?? null;
  }

  // Choose what varies, and a stop; where it is null, that of the landscape itself.
  choose(vary, at) {
    this.vary = this.choices.has(vary) ? vary : "";
    this.select.value = this.vary;
    const here = this.current;
    this.range.disabled = !here;
    this.at = here ? at ?? this.home(here) : null;
    if (here) {
      this.at = Math.min(Math.max(0, Math.round(this.at)), here.stops.length - 1);
      this.range.max = String(here.stops.length - 1);
      this.range.value = String(this.at);
    }
    this.changed();
  }

  home({ family, stops }) {
    const k = family ? stops.findIndex((stop) => stop.exact !== null && stopText(stop) === family.base) : 0;
    return k < 0 ? Math.floor(stops.length / 2) : k;
  }

  move(at) {
    if (at === this.at) return;
    this.at = at;
    this.changed();
  }

  pick(event) {
    const here = this.current;
    if (!here?.family) return;
    const { left, width } = this.canvas.getBoundingClientRect();
    const [low, high] = this.limits(here);
    const share = (event.clientX - left - STRIP.left) / (width - STRIP.left - STRIP.right);
    const wanted = low + share * (high - low);
    let best = 0;
    here.stops.forEach((stop, k) => {
      if (Math.abs(stop.value - wanted) < Math.abs(here.stops[best].value - wanted)) best = k;
    });
    this.range.value = String(best);
    this.move(best);
  }

  changed() {
    const here = this.current;
    const stop = here?.stops[this.at] ?? null;
    this.output.textContent = stop ? this.spoken(here, stop) : "";
    this.lines.replaceChildren(...this.remarks(here, stop).map((line) => Object.assign(document.createElement("li"), { textContent: readable(line) })));
    this.canvas.hidden = !here?.family;
    this.draw();
    this.act({ vary: this.vary, at: this.at, family: here?.family ?? null, stop, steps: here?.steps ?? null });
  }

  spoken({ family, steps }, stop) {
    if (steps) return `step ${stop.text}`;
    const home = stop.exact !== null && stopText(stop) === family.base ? " (as it stands)" : "";
    return `${family.symbol} = ${stopText(stop).replaceAll("-", "\u2212")}${home}`;
  }

  remarks(here, stop) {
    if (!here || !stop) return [];
    if (here.steps) return stop.lines;
    const event = here.family.events.find((each) => (stop.exact === null ? each.value === stop.value : each.exact === stopText(stop)));
    return event ? event.lines : [];
  }

  limits({ stops }) {
    return [stops[0].value, stops[stops.length - 1].value];
  }

  // The loss of every branch against the parameter, events as ticks, and where the slider is.
  draw() {
    const here = this.current;
    if (!here?.family || this.canvas.hidden) return;
    const { context, width, height } = sharpCanvas(this.canvas);
    context.clearRect(0, 0, width, height);
    const [low, high] = this.limits(here);
    const curves = curvesOf(here.family);
    const top = Math.max(...curves.flatMap((curve) => curve.spots.map((spot) => spot[1]))) * 1.06 || 1;
    const at = ([t, loss]) => [
      STRIP.left + ((t - low) / (high - low)) * (width - STRIP.left - STRIP.right),
      height - STRIP.bottom - (loss / top) * (height - STRIP.top - STRIP.bottom),
    ];
    this.drawFrame(context, here, at, top, [low, high]);
    for (const { kind, spots } of curves) {
      context.beginPath();
      spots.forEach((spot, k) => (k ? context.lineTo(...at(spot)) : context.moveTo(...at(spot))));
      context.strokeStyle = this.palette.ofKind(kind);
      context.lineWidth = 2;
      context.stroke();
    }
    this.drawPlace(context, here, at, top);
  }

  drawFrame(context, { family }, at, top, [low, high]) {
    context.strokeStyle = this.palette.faint;
    context.lineWidth = 1;
    context.fillStyle = this.palette.soft;
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "top";
    context.beginPath();
    context.moveTo(...at([low, 0]));
    context.lineTo(...at([high, 0]));
    for (const { value } of family.events) {
      context.moveTo(...at([value, 0]));
      context.lineTo(...at([value, top]));
    }
    context.stroke();
    const spoken = new Map([[low, family.low], [high, family.high]]);
    if (family.events.length < 12) for (const each of family.events) if (each.exact) spoken.set(each.value, each.exact);
    let last = -Infinity;
    for (const [value, text] of [...spoken].sort((a, b) => a[0] - b[0])) {
      const [x, y] = at([value, 0]);
      if (x - last < 24) continue;
      last = x;
      context.textAlign = value === low ? "left" : value === high ? "right" : "center";
      context.fillText(text.replaceAll("-", "\u2212"), x, y + 4);
    }
    context.save();
    context.translate(10, at([low, top / 2])[1]);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText("loss", 0, 0);
    context.restore();
  }

  drawPlace(context, { family, stops }, at, top) {
    const stop = stops[this.at];
    context.beginPath();
    context.moveTo(...at([stop.value, 0]));
    context.lineTo(...at([stop.value, top]));
    context.strokeStyle = this.palette.accent;
    context.lineWidth = 1.6;
    context.stroke();
    for (const { kind, loss } of snapshotAt(family, stop).sets) {
      const value = loss.t !== undefined ? loss.v : functionNear(loss, stop.value);
      context.beginPath();
      context.arc(...at([stop.value, value]), 3.6, 0, 2 * Math.PI);
      context.fillStyle = this.palette.ofKind(kind);
      context.fill();
    }
  }
}

function readable(line) {
  return line.replaceAll("->", "\u2192").replace(/-(?=[\d(])/g, "\u2212");
}

const knownCurves = new WeakMap();

// The losses of the sets on every interval between events, as curves.
function curvesOf(family) {
  if (!knownCurves.has(family)) {
    const curves = family.snapshots.filter((each) => !each.at).flatMap(({ low, high, sets }) => sets.map(({ kind, loss }) => ({
      kind,
      spots: Array.from({ length: 25 }, (_, k) => {
        const t = low + ((high - low) * k) / 24;
        return [t, functionNear(loss, t)];
      }).filter((spot) => Number.isFinite(spot[1])),
    })));
    knownCurves.set(family, curves);
  }
  return knownCurves.get(family);
}
