// The stationary sets at a parameter of a family, by the exact functions that they are of it.

import { Problem } from "./fields.js";
import { functionAt, functionNear, fractionFloat, fractionText, parsedFraction, shownFraction } from "./rationals.js";

const EVEN_STOPS = 120;

// The parameters at which a slider stops: evenly over the range, at every event, and where the landscape itself is.
export function sliderStops(family) {
  const [low, high] = [parsedFraction(family.low), parsedFraction(family.high)];
  const found = new Map();
  for (let k = 0; k <= EVEN_STOPS; k += 1) {
    const exact = betweenFractions(low, high, BigInt(k), BigInt(EVEN_STOPS));
    found.set(fractionText(exact), { value: fractionFloat(exact), exact });
  }
  for (const text of [family.base, ...family.events.map((each) => each.exact)]) {
    if (text !== null) found.set(text, { value: fractionFloat(parsedFraction(text)), exact: parsedFraction(text) });
  }
  const stops = [...found.values()];
  family.events.forEach((each, k) => {
    if (each.exact === null) stops.push({ value: each.value, exact: null, event: k, text: each.text });
  });
  return stops.sort((a, b) => a.value - b.value);
}

function betweenFractions(low, high, k, count) {
  const top = low.top * high.bottom * (count - k) + high.top * low.bottom * k;
  return parsedFraction(fractionText({ top, bottom: low.bottom * high.bottom * count }));
}

export function stopText(stop) {
  return stop.exact === null ? stop.text : fractionText(stop.exact);
}

// The list of sets at a stop: that of an event where it is one, else that of the interval around it.
export function snapshotAt(family, stop) {
  const { snapshots } = family;
  if (stop.exact === null) return snapshots.find((each) => each.at && each.event === stop.event);
  const text = fractionText(stop.exact);
  const moment = snapshots.find((each) => each.at && each.exact === text);
  return moment ?? snapshots.find((each) => !each.at && each.low < stop.value && stop.value < each.high);
}

// The landscape at a stop.
export function memberProblem(base, family, stop) {
  const word = family.vary.split(":")[0];
  if (word === "slope") return new Problem({ ...base, slopes: { ...base.slopes, left: stop.value, kink: stop.value } });
  const labels = base.labels.slice();
  labels[Number(family.vary.split(":")[1]) - 1] = stop.value;
  return new Problem({ ...base, labels });
}

// The sets at a stop as a table and pictures show them.
export function setsAt(family, stop, problem) {
  const { sets } = snapshotAt(family, stop);
  return sets.map((each, index) => {
    const values = each.errors.map((error, i) => numberAt(error, stop).value + problem.labels[i]);
    const loss = numberAt(each.loss, stop);
    return {
      index,
      kind: each.kind,
      strict: false,
      dimension: each.dimension,
      isolated: each.point !== null,
      directional: each.kind.endsWith("minimum"),
      listed: each.listed,
      formula: each.formula,
      choices: each.choices,
      values,
      loss: loss.text,
      right: rightCount(values, problem.labels),
      witness: each.point?.map((row) => row.map((x) => numberAt(x, stop).text)) ?? null,
    };
  });
}

function numberAt(number, stop) {
  if (number.t !== undefined) return { value: number.v, text: number.t };
  if (stop.exact === null) return { value: functionNear(number, stop.value), text: `~${functionNear(number, stop.value).toPrecision(6)}` };
  const exact = functionAt(number, stop.exact);
  return { value: fractionFloat(exact), text: shownFraction(exact) };
}

function rightCount(values, labels) {
  const kinds = [...new Set(labels)];
  if (kinds.length !== 2) return null;
  const threshold = (kinds[0] + kinds[1]) / 2;
  return values.filter((f, i) => f > threshold + 1e-12 === labels[i] > threshold).length;
}

// Rank sets among those of their kind, so that basins of one kind differ in shade.
export function ranked(sets) {
  const counts = {};
  return sets.map((each) => {
    counts[each.kind] = (counts[each.kind] ?? -1) + 1;
    return { ...each, rank: counts[each.kind] };
  });
}
