// The landscapes of a record: their grammar, their numbers, the shape of their points, and the words for them.

import { fields, listed, nameOf, numbers, oneOf, refuse, whole } from "./grammar.js";
import { MOST, ONE, exact, need, rational } from "./rational.js";

const NETWORK = ["output_weights", "output_bias", "hidden_biases", "one_hot", "outputs"];

/** Refuse a field that is there with another value than the only one that it may have. */
function onlyAs(data, key, value, where) {
  if (data.has(key) && data.get(key) !== value) refuse(`${where}.${key}`, `${value}, or no such field`, data.get(key));
  return data.has(key);
}

/** The fixed output weights, or null where they are trained. */
function weightsOf(data, units, where) {
  if (!data.has("output_weights")) return Array(units).fill(ONE);
  const value = data.get("output_weights");
  if (value === "trainable") return null;
  const found = numbers(value, `${where}.output_weights`, units);
  need(found.every((a) => !a.isZero()), `${where}.output_weights: expected numbers other than 0`);
  return found;
}

/** What is other than in a plain sum of units: {weights, outputBias, hiddenBiases, oneHot}. */
function networkOf(data, units, where) {
  const outputBias = onlyAs(data, "output_bias", true, where);
  const hiddenBiases = !onlyAs(data, "hidden_biases", false, where);
  const oneHot = onlyAs(data, "one_hot", true, where);
  const outputs = onlyAs(data, "outputs", 2n, where);
  need(oneHot === outputs, `${where}: expected one_hot and outputs together`);
  const weights = weightsOf(data, units, where);
  const fits = !oneHot || (weights === null && outputBias && hiddenBiases);
  need(fits, `${where}: expected trainable output weights, an output bias and hidden biases with one_hot`);
  return { weights, outputBias, hiddenBiases, oneHot };
}

/** The words for what is other than in a plain sum of units. */
function networkSaid(data, { weights, outputBias, hiddenBiases, oneHot }) {
  const said = hiddenBiases ? [] : ["no hidden biases"];
  if (weights === null) said.push("trainable output weights");
  else if (data.has("output_weights")) said.push(`output weights ${data.get("output_weights").join(", ")}`);
  if (outputBias) said.push("an output bias");
  if (oneHot) said.push("one-hot outputs");
  return said.map((each) => `, ${each}`).join("");
}

/** The lengths of the rows of a point, and that of all of them together. */
function shapeOf(units, width, { weights, outputBias, oneHot }) {
  const outputs = oneHot ? 2 : 1;
  const lengths = Array(units).fill(width + (weights === null ? outputs : 0));
  if (outputBias) lengths.push(outputs);
  return { lengths, parameters: lengths.reduce((a, b) => a + b, 0) };
}

/** A landscape with its numbers read; its weights are null where they are trained. */
function landscapeOf(name, value) {
  const where = `landscapes.${name}`;
  const data = fields(value, where, ["units", "slopes", "points", "labels", "loss"], NETWORK);
  const units = whole(data.get("units"), `${where}.units`, 1, MOST.units);
  const texts = fields(data.get("slopes"), `${where}.slopes`, ["-", "0", "+"]);
  const [low, kink, high] = ["-", "0", "+"].map((side) => exact(texts.get(side), `${where}.slopes`));
  const network = networkOf(data, units, where);
  const points = listed(data.get("points"), `${where}.points`, 1);
  const dimension = listed(points[0], `${where}.points[0]`, 1).length;
  const one = network.hiddenBiases ? [ONE] : [];
  const rows = points.map((point, i) => [...numbers(point, `${where}.points[${i}]`, dimension), ...one]);
  const labels = numbers(data.get("labels"), `${where}.labels`, points.length);
  const known = !network.oneHot || labels.every((y) => y.isZero() || y.equals(ONE));
  need(known, `${where}.labels: expected labels 0 and 1 with one_hot`);
  const loss = oneOf(data.get("loss"), `${where}.loss`, ["sum", "mean"]);
  const mean = loss === "mean";
  const pairs = points.map((point, i) => `(${point.join(", ")}): ${data.get("labels")[i]}`).join(", ");
  const head = `${name} is the ${loss} of squared errors of ${units} unit(s) with slopes ${low} and ${high}`;
  const tail = `${networkSaid(data, network)} on ${pairs}`;
  const said = { said: `${head} (at 0: ${kink})${tail}`, saidOfFlow: `${head}${tail}` };
  const slopes = { "-1": low, 0: kink, 1: high };
  const width = rows[0].length;
  const sizes = { units, width, examples: rows.length, ...shapeOf(units, width, network) };
  const factor = mean ? ONE.over(rational(rows.length)) : rational(network.oneHot ? 2 : 1);
  return { name, ...sizes, rows, labels, slopes, factor, ...network, ...said };
}

/** The landscapes of a record by name, in the order in which they stand. */
export function landscapesOf(value) {
  if (!(value instanceof Map)) refuse("landscapes", "an object", value);
  return new Map([...value].map(([name, data]) => [nameOf(name, "landscapes"), landscapeOf(name, data)]));
}

/** The landscape that a statement names. */
export function knownLandscape(value, where, landscapes) {
  if (typeof value !== "string" || !landscapes.has(value)) {
    refuse(where, "the name of a landscape of the record", value);
  }
  return landscapes.get(value);
}

/** The point of a landscape: a row for every unit, and one for the output biases where there are such. */
export function pointOf(value, where, { lengths }) {
  return listed(value, where, 0, lengths.length).map((row, j) => numbers(row, `${where}[${j}]`, lengths[j]));
}
