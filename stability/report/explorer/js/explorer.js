// The explorer: one start, one place of the slider, one chosen set, and the pictures that show them together.

import { readAddress, writeAddress } from "./address.js";
import { Problem } from "./fields.js";
import { FunctionView } from "./function.js";
import { Palette } from "./palette.js";
import { PlaneView } from "./plane.js";
import { showReadout } from "./readout.js";
import { RecordDialog, recordOf } from "./records.js";
import { baseScene, memberScene, steppedScene, trackIn } from "./scenes.js";
import { SetTable } from "./sets.js";
import { Shading } from "./shading.js";
import { ParameterSlider } from "./slider.js";
import { SpaceView } from "./space.js";

export class ExplorerPage {
  // `records` gives the texts of records by key; `verify` checks one, or is null where the page carries no checker.
  constructor(root, data, records, verify) {
    this.root = root;
    this.data = data;
    this.base = new Problem(data.problem);
    this.palette = new Palette(root);
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.plane = new PlaneView(this.part("below"), this.part("above"), data.plane, this.palette);
    const points = data.problem.rows.map((row) => row.slice(0, -1));
    this.maps = ["function-start", "function-end"].map((name) => new FunctionView(this.part(name), this.base, points, this.palette));
    this.space = data.space ? new SpaceView(this.part("space"), data.space, this.palette) : null;
    this.records = new RecordDialog(this.part("record"), records, verify);
    this.table = new SetTable(this.part("sets"), {
      light: (index) => this.light(index),
      pin: (index) => this.pin(index),
      record: (index, field) => this.openRecord(index, field),
    });
    this.shading = new Shading(this.plane, (scene) => scene === this.scene && this.drawPlane());
    this.share = 0;
    this.lit = null;
    this.pinned = null;
    this.start = data.start;
    this.restore();
    this.listen();
  }

  restore() {
    const given = readAddress();
    const { span } = this.data.plane;
    if (given.start?.every((x) => Math.abs(x) <= span)) this.start = given.start;
    if (given.view && this.space) [this.space.yaw, this.space.pitch] = given.view;
    const names = ["select", "range", "value", "branches", "events"];
    const [select, range, output, canvas, lines] = names.map((name) => this.part(`slider-${name}`));
    const parts = { select, range, output, canvas, lines };
    this.slider = new ParameterSlider(parts, this.data.families, this.data.steps, this.palette, (choice) => this.choose(choice));
    const first = this.data.families.find((family) => family.base !== null);
    this.slider.choose(given.vary ?? first?.vary ?? "", given.at);
    if (given.set !== null && given.set < this.scene.sets.length) this.pin(given.set);
  }

  // Show the landscape at a place of the slider.
  choose({ vary, at, family, stop, steps }) {
    this.choice = { vary, at, family, stop };
    const home = family && stop.exact !== null && this.slider.home(this.slider.current) === at && family.base !== null;
    if (steps) this.scene = stop.value > 0 ? steppedScene(this.data, this.base, stop.value) : baseScene(this.data, this.base);
    else this.scene = family && !home ? memberScene(this.data, this.base, family, stop) : baseScene(this.data, this.base);
    if (this.pinned !== null && this.pinned >= this.scene.sets.length) this.pinned = null;
    this.table.show(this.scene.sets);
    this.table.light(this.lit, this.pinned);
    this.part("exactness").textContent = this.exactness();
    if (this.scene.basins || this.data.plane.on_a_kink || !this.data.shades) this.shading.stop();
    else this.shading.begin(this.scene);
    this.drawPlane();
    this.follow();
  }

  exactness() {
    if (this.scene.exact) return this.data.notes.exact;
    if (this.scene.step !== null) return this.data.notes.steps;
    const { symbol } = this.choice.family;
    return this.data.notes.family.replace("{}", `${symbol} = ${this.scene.stop.replaceAll("-", "\u2212")}`);
  }

  // Follow the start, and draw what moves with it.
  follow() {
    this.track = trackIn(this.scene, this.plane.parameters(this.start));
    this.path = this.track.points.map((point) => this.plane.spot(point));
    this.drawMoving();
    const open = (index, field) => this.openRecord(index, field);
    showReadout(this.part("readout"), this.scene, this.track, this.data.plane, this.plane, this.start, open);
    this.remember();
  }

  drawMoving() {
    const { track, path } = this;
    const place = Math.min(Math.round(this.share * (path.length - 1)), path.length - 1);
    this.plane.drawAbove({
      start: this.start,
      path,
      events: track.marks.map((point) => this.plane.spot(point)),
      end: this.scene.step === null || track.set ? path[path.length - 1] : null,
      marker: this.share > 0 ? path[place] : null,
    }, this.scene, this.lit ?? this.pinned);
    this.maps[0].draw(this.scene.problem, track.points[place]);
    this.maps[1].draw(this.scene.problem, track.end);
    this.drawSpace();
  }

  drawSpace() {
    if (this.space) this.space.draw(this.scene, this.track.points, this.lit ?? this.pinned);
  }

  drawPlane() {
    this.plane.drawBelow(this.scene, this.lit ?? this.pinned);
  }

  redraw() {
    this.palette.read();
    this.drawPlane();
    this.drawMoving();
    this.slider.draw();
  }

  light(index) {
    if (index === this.lit) return;
    this.lit = index;
    this.table.light(this.lit, this.pinned);
    this.soon("light", () => {
      this.drawPlane();
      this.drawMoving();
    });
  }

  pin(index) {
    this.pinned = this.pinned === index ? null : index;
    this.table.light(this.lit, this.pinned);
    this.drawPlane();
    this.drawMoving();
    this.remember();
  }

  openRecord(index, field) {
    const set = this.scene.sets[index];
    const { key, index: place, reach } = recordOf(set, this.scene, this.choice.family);
    const said = { loss: set.loss, dimension: set.isolated ? "0, isolated" : set.dimension, right: `${set.right} of ${set.values.length} correct` };
    const says = field === "witness" ? "" : ` ${said[field]}`;
    this.records.open({ set, field, says, record: key === null ? null : { key, index: place }, reach });
  }

  remember() {
    const { vary, at } = this.choice;
    writeAddress({
      start: this.start,
      vary: vary || null,
      at: vary ? at : null,
      set: this.pinned,
      view: this.space ? [this.space.yaw, this.space.pitch] : null,
    });
  }

  // Move the start, at most once a frame.
  moveStart(spot) {
    const { span } = this.data.plane;
    this.start = spot.map((x) => Math.min(span, Math.max(-span, x)));
    this.share = 0;
    this.part("time").value = "0";
    this.soon("follow", () => this.follow());
  }

  // Do some things before the next frame, each once, in the order in which they were asked for first.
  soon(name, action) {
    this.waiting ??= new Map();
    this.waiting.set(name, action);
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      const actions = [...this.waiting.values()];
      this.frame = null;
      this.waiting.clear();
      actions.forEach((each) => each());
    });
  }

  listen() {
    this.listenToPlane();
    this.listenToSpace();
    this.listenToTime();
    const redraw = () => this.soon("redraw", () => this.redraw());
    new ResizeObserver(redraw).observe(this.part("plane"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    new MutationObserver(redraw).observe(document.documentElement, { attributes: true });
    window.addEventListener("hashchange", () => this.followAddress());
  }

  followAddress() {
    const given = readAddress();
    if (given.start) this.moveStart(given.start);
    if (given.set !== this.pinned && given.set !== null && given.set < this.scene.sets.length) this.pin(given.set);
  }

  listenToPlane() {
    const pad = this.part("above");
    const spotOf = (event) => {
      const { left, top } = pad.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    pad.addEventListener("pointerdown", (event) => {
      pad.setPointerCapture(event.pointerId);
      pad.focus({ preventScroll: true });
      this.dragging = true;
      this.moveStart(this.plane.fromPixel(...spotOf(event)));
    });
    pad.addEventListener("pointermove", (event) => {
      const pixel = spotOf(event);
      if (this.dragging) this.moveStart(this.plane.fromPixel(...pixel));
      else this.light(this.plane.setAt(this.scene, ...pixel));
    });
    for (const name of ["pointerup", "pointercancel"]) pad.addEventListener(name, () => { this.dragging = false; });
    pad.addEventListener("pointerleave", () => this.light(null));
    pad.addEventListener("keydown", (event) => {
      const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
      const way = ways[event.key];
      if (!way) return;
      event.preventDefault();
      const far = (this.data.plane.span / 50) * (event.shiftKey ? 5 : 1);
      this.moveStart(this.start.map((x, k) => x + far * way[k]));
    });
  }

  listenToSpace() {
    const pad = this.part("space");
    if (!this.space) return;
    let last = null;
    pad.addEventListener("pointerdown", (event) => {
      pad.setPointerCapture(event.pointerId);
      last = [event.clientX, event.clientY];
    });
    pad.addEventListener("pointermove", (event) => {
      if (last) {
        this.space.turn((event.clientX - last[0]) * 0.01, (event.clientY - last[1]) * 0.01);
        last = [event.clientX, event.clientY];
        this.soon("space", () => this.drawSpace());
        this.remember();
        return;
      }
      const { left, top } = pad.getBoundingClientRect();
      this.light(this.space.setAt(event.clientX - left, event.clientY - top));
    });
    for (const name of ["pointerup", "pointercancel"]) pad.addEventListener(name, () => { last = null; });
    pad.addEventListener("pointerleave", () => this.light(null));
    pad.addEventListener("keydown", (event) => {
      const ways = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
      if (!ways[event.key]) return;
      event.preventDefault();
      this.space.turn(...ways[event.key]);
      this.soon("space", () => this.drawSpace());
      this.remember();
    });
  }

  listenToTime() {
    const time = this.part("time");
    const play = this.part("play");
    time.addEventListener("input", () => {
      this.share = Number(time.value) / 1000;
      this.soon("moving", () => this.drawMoving());
    });
    let running = false;
    const step = () => {
      if (!running) return;
      this.share = Math.min(1, this.share + 1 / 180);
      time.value = String(Math.round(this.share * 1000));
      this.drawMoving();
      if (this.share >= 1) stop();
      else requestAnimationFrame(step);
    };
    const stop = () => {
      running = false;
      play.textContent = "Play";
    };
    play.addEventListener("click", () => {
      if (running) return stop();
      running = true;
      play.textContent = "Pause";
      if (this.share >= 1) this.share = 0;
      requestAnimationFrame(step);
    });
  }
}
