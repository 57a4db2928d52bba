// Records that ReLU units stay dead: their grammar, how they are decided, and the words in which they are said.

import { fields, hasField, listed, numbers, oneOf, refuse, whole } from "./grammar.js";
import { ONE, ZERO, bitLength, exact, need, rational, within } from "./rational.js";
import { driftOf } from "./recovery_drift.js";

const DECAYS = ["weight_decay", "bias_decay"];
const ADAM = ["name", "lr", "beta1", "beta2", "eps", "taken", ...DECAYS];
const RULES = { sgd: ["name", "lr", "momentum", "dampening", "nesterov", ...DECAYS], adam: ADAM, adamw: ADAM };
const LONGEST = 1000000000;

/** A number from 0, up to a bound, or below it. */
function share(value, where, most = null, strictly = false) {
  const found = exact(value, where);
  const over = most === null ? -1 : found.compare(most);
  if (found.sign() < 0 || over > 0 || (strictly && over === 0)) refuse(where, "a number in its range", value);
  return found;
}

function ruleOf(value) {
  const where = "statement.rule";
  if (!hasField(value, "name")) refuse(where, "an object with the field name", value);
  const name = oneOf(value.get("name"), `${where}.name`, Object.keys(RULES));
  const data = fields(value, where, RULES[name]);
  const read = (key, most, strictly) => share(data.get(key), `${where}.${key}`, most, strictly);
  const common = { name, lr: read("lr"), weightDecay: read("weight_decay"), biasDecay: read("bias_decay") };
  if (name === "sgd") {
    const momentum = read("momentum", ONE, true);
    const dampening = read("dampening", ONE);
    const nesterov = data.get("nesterov");
    need(typeof nesterov === "boolean", `${where}.nesterov: expected true or false`);
    const fits = !nesterov || (!momentum.isZero() && dampening.isZero());
    need(fits, `${where}.nesterov: expected momentum and no dampening with it`);
    return { ...common, momentum, dampening, nesterov };
  }
  const [beta1, beta2] = ["beta1", "beta2"].map((key) => read(key, ONE, true));
  const taken = whole(data.get("taken"), `${where}.taken`, 0, LONGEST);
  return { ...common, beta1, beta2, eps: read("eps"), taken };
}

function unitOf(value, where, name, width) {
  const memory = name === "sgd" ? ["velocity"] : ["m", "v"];
  const data = fields(value, where, ["weights", "bias", ...memory]);
  const weights = numbers(data.get("weights"), `${where}.weights`, width);
  const parameters = [...weights, exact(data.get("bias"), `${where}.bias`)];
  const [velocity, square] = memory.map((key) => numbers(data.get(key), `${where}.${key}`, width + 1));
  need(!square || square.every((x) => x.sign() >= 0), `${where}.v: expected squares, which are not negative`);
  return { parameters, velocity, square: square ?? null };
}

function sideOf(value, where) {
  const [low, high] = listed(value, where, 0, 2).map((each) => (each === null ? null : exact(each, where)));
  const ordered = low === null || high === null || low.compare(high) <= 0;
  need(ordered, `${where}: expected a lower bound that is not above the upper one`);
  return [low, high];
}

function inputsOf(value, width) {
  const where = "statement.inputs";
  if (hasField(value, "points")) {
    const rows = listed(fields(value, where, ["points"]).get("points"), `${where}.points`, 1);
    return { points: rows.map((row, i) => [...numbers(row, `${where}.points[${i}]`, width), ONE]), box: null };
  }
  const sides = listed(fields(value, where, ["box"]).get("box"), `${where}.box`, 0, width);
  return { points: null, box: sides.map((side, k) => sideOf(side, `${where}.box[${k}]`)) };
}

function claimOf(value) {
  const data = fields(value, "statement", ["units", "inputs", "rule", "roundoff", "steps"]);
  const rule = ruleOf(data.get("rule"));
  const given = listed(data.get("units"), "statement.units", 1);
  const first = given[0] instanceof Map ? given[0].get("weights") : null;
  const width = listed(first ?? null, "statement.units[0].weights", 1).length;
  within(width, 100000, "weights of a unit");
  const units = given.map((each, j) => unitOf(each, `statement.units[${j}]`, rule.name, width));
  const inputs = inputsOf(data.get("inputs"), width);
  const roundoff = share(data.get("roundoff"), "statement.roundoff");
  const size = rational(width + 1);
  need(roundoff.times(size).compare(ONE) < 0, "statement.roundoff: expected less than 1 over the number of parameters");
  const steps = data.get("steps") === null ? null : whole(data.get("steps"), "statement.steps", 1, LONGEST);
  return { units, inputs, rule, roundoff, steps, size };
}

function proofOf(value, { name }) {
  const data = fields(value, "proof", ["bits", name === "sgd" ? "ratios" : "explicit"]);
  const bits = whole(data.get("bits"), "proof.bits", 1, 4096);
  if (name !== "sgd") return { bits, explicit: whole(data.get("explicit"), "proof.explicit", 0, 10000) };
  const ratios = listed(data.get("ratios"), "proof.ratios", 0, 2).map((text) => {
    const ratio = text === null ? null : exact(text, "proof.ratios");
    need(ratio === null || ratio.sign() > 0, "proof.ratios: expected numbers above 0");
    return ratio;
  });
  return { bits, ratios };
}

/** Rational numbers times the same positive number, as whole ones. */
function wholeRow(row) {
  let factor = 1n;
  for (const { bottom } of row) {
    let [x, y] = [factor, bottom];
    while (y !== 0n) [x, y] = [y, x % y];
    factor = (factor / x) * bottom;
    within(bitLength(factor), 100000, "bits of a common denominator");
  }
  return row.map(({ top, bottom }) => top * (factor / bottom));
}

/** Whether the sum of high_i x_i where x_i > 0, and low_i x_i where x_i < 0, is positive at some input. */
class Inputs {
  constructor({ inputs, size }, meter) {
    this.box = inputs.box;
    this.rows = inputs.points === null ? null : inputs.points.map(wholeRow);
    this.count = Number(size.top) * (this.rows === null ? 4 : this.rows.length);
    this.meter = meter;
  }

  positive(low, high) {
    const sizes = [...low, ...high].map((x) => bitLength(x.top) + bitLength(x.bottom));
    this.meter.spend(4 * this.count, sizes.reduce((a, b) => Math.max(a, b), 0));
    if (this.rows === null) return this.positiveInBox(low, high);
    const both = wholeRow([...low, ...high]);
    const [a, b] = [both.slice(0, low.length), both.slice(low.length)];
    return this.rows.some((row) => row.reduce((sum, x, i) => sum + x * (x > 0n ? b[i] : a[i]), 0n) > 0n);
  }

  positiveInBox(low, high) {
    let total = high[high.length - 1];
    for (const [i, [from, to]] of this.box.entries()) {
      if ((to === null && high[i].sign() > 0) || (from === null && low[i].sign() < 0)) return true;
      const ends = [from, to].filter((x) => x !== null).map((x) => x.times(x.sign() > 0 ? high[i] : low[i]));
      total = total.plus(ends.length === 0 ? ZERO : ends.reduce((x, y) => (x.compare(y) >= 0 ? x : y)));
      within(bitLength(total.bottom), 100000, "bits of a common denominator");
    }
    return total.sign() > 0;
  }
}

/** Whether a unit is off at all inputs wherever it can be carried. */
function staysDead({ corners, down, up }, { roundoff, size }, inputs) {
  const error = size.times(roundoff).over(ONE.minus(size.times(roundoff)));
  const apart = down.map((d, i) => {
    const largest = corners.map((corner) => corner[i].size()).reduce((x, y) => (x.compare(y) >= 0 ? x : y));
    return error.times(largest.plus(d.compare(up[i]) >= 0 ? d : up[i]));
  });
  return corners.every((corner) => {
    const low = corner.map((p, i) => p.minus(down[i]).minus(apart[i]));
    const high = corner.map((p, i) => p.plus(up[i]).plus(apart[i]));
    return !inputs.positive(low, high);
  });
}

function truthOf(claim, proof, meter) {
  const inputs = new Inputs(claim, meter);
  if (claim.units.some(({ parameters }) => inputs.positive(parameters, parameters))) return "refuted";
  if (claim.rule.name !== "sgd") meter.spend(20 * proof.explicit, proof.bits);
  const drift = driftOf(claim.rule, proof, claim.steps);
  claim.units.forEach((unit, j) => {
    need(staysDead(drift(unit), claim, inputs), `unit ${j + 1}: not decided, it may be carried to where it is on`);
  });
  return "proved";
}

function recoverySaid({ units, inputs, steps, size, roundoff }, statement) {
  const many = `${units.length} ReLU unit${units.length === 1 ? "" : "s"} with ${size.top - 1n} weights`;
  const long = steps === null ? "for ever" : `for ${steps} step${steps === 1 ? "" : "s"}`;
  const where = inputs.box === null ? `the ${inputs.points.length} inputs` : "all inputs in the box";
  const rule = statement.get("rule");
  const name = rule.get("name");
  const settings = RULES[name]
    .slice(1)
    .map((key) => [key, `${rule.get(key)}`])
    .filter(([, value]) => value !== "0" && value !== "false")
    .map(([key, value]) => `${key} ${value}`);
  const error = roundoff.isZero() ? "" : `, sums rounded by at most ${statement.get("roundoff")}`;
  const verb = units.length === 1 ? "stays" : "stay";
  return `${many} ${verb} dead ${long} on ${where} of the record under ${name} with ${settings.join(", ")}${error}`;
}

/** What a record about dead units concludes, in words; refused if it does not prove that. */
export function concludeRecovery(record, landscapes, meter) {
  need(landscapes.size === 0, "landscapes: expected none in a record about units that stay dead");
  const claim = claimOf(record.get("statement"));
  const proof = proofOf(record.get("proof"), claim.rule);
  const verdict = truthOf(claim, proof, meter);
  need(verdict === record.get("conclusion"), `the conclusion is ${verdict}`);
  return recoverySaid(claim, record.get("statement"));
}
