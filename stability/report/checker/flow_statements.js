// Statements about trajectories: their grammar, how they are decided, and the words in which they are said.

import { agrees, pointSaid } from "./atlas_statements.js";
import { FlowLandscape, lengthAbove } from "./flow_faces.js";
import { Tube } from "./flow_tube.js";
import { distinct, fields, hasField, listed, nestedStatement, numbers, oneOf, refuse, whole } from "./grammar.js";
import { wholes } from "./grammar.js";
import { canonical } from "./json.js";
import { knownLandscape, pointOf } from "./landscapes.js";
import { Rational, exact, need, rational } from "./rational.js";

const EVENT_KINDS = ["crossing", "sliding begins", "sliding ends"];

/** Texts of signs, one per unit, with a sign for every example. */
function signTexts(value, where, { units, examples }) {
  for (const text of listed(value, where, 0, units)) {
    const fits = typeof text === "string" && text.length === examples && /^[-0+]*$/.test(text);
    if (!fits) refuse(where, `texts of ${examples} signs, each -, 0 or +`, text);
  }
  return value;
}

/** An event: {name, first, last}. It names all examples at its point. */
function eventOf(value, where, data) {
  const [kind, unit, example, first, last] = listed(value, where, 0, 5);
  oneOf(kind, where, EVENT_KINDS);
  const j = whole(unit, where, 0, data.units - 1);
  const named = Array.isArray(example) ? wholes(listed(example, where, 2), where) : [example];
  const i = whole(named[0], where, 0, data.examples - 1);
  const point = data.rows[i].join();
  const same = [...data.rows.keys()].filter((k) => data.rows[k].join() === point);
  const all = named.length === same.length && named.every((k, n) => k === BigInt(same[n]));
  need(all, `${where}: expected all examples at one point, here ${same.join(", ")}`);
  const times = [exact(first, where), exact(last, where)];
  const ordered = times[0].sign() >= 0 && times[0].compare(times[1]) <= 0;
  need(ordered, `${where}: expected two times from 0, the earlier one first`);
  return { name: JSON.stringify([kind, j, same]), first: times[0], last: times[1] };
}

/** Whether the limit is within a distance of a point; null if the enclosure does not decide that. */
function isWithin(distance, point, tube) {
  const unit = new Rational(1n, 1n << tube.width);
  const steps = point.map((x, k) => x.minus(tube.target[k]).over(unit));
  const apart = rational(lengthAbove(steps)).times(unit);
  if (apart.plus(tube.near).compare(distance) <= 0) return true;
  const least = apart.minus(tube.near).minus(unit.times(rational(point.length + 2)));
  return least.compare(distance) > 0 ? false : null;
}

/** Whether an event happened between two times; null if that is not decided. */
function isTimely({ first, last }, { begin, end }) {
  if (first.compare(begin) <= 0 && end.compare(last) <= 0) return true;
  return end.compare(first) < 0 || last.compare(begin) < 0 ? false : null;
}

/** Whether these events happened and no others, in this order and within their times; null if that is not decided. */
function happened(claimed, passages) {
  const count = passages.reduce((sum, passage) => sum + passage.events.length, 0);
  if (claimed.length !== count) return false;
  let at = 0;
  let decided = true;
  for (const passage of passages) {
    const own = claimed.slice(at, at + passage.events.length);
    at += own.length;
    const same = own.map(({ name }) => name).sort().join() === [...passage.events].sort().join();
    const times = own.map((each) => isTimely(each, passage));
    if (!same || times.includes(false)) return false;
    decided = decided && !times.includes(null) && (own.length === 1 || passage.atOnce);
  }
  return decided ? true : null;
}

/** A condition as a function of a tube that returns true, false or null. */
function flowCondition(value, where, data) {
  const [kind, relation, wanted] = listed(value, where, 0, 3);
  oneOf(kind, where, ["loss", "signs", "within", "events"]);
  if (kind === "within") {
    const distance = exact(relation, where);
    need(distance.sign() >= 0, `${where}: expected a distance from 0`);
    const point = pointOf(wanted, where, data).flat();
    return (tube) => isWithin(distance, point, tube);
  }
  oneOf(relation, where, kind === "loss" ? ["=", "!=", "<", "<=", ">", ">="] : ["="]);
  if (kind === "loss") {
    const number = exact(wanted, where);
    return (tube) => agrees(tube.loss.compare(number), relation);
  }
  if (kind === "signs") {
    const texts = signTexts(wanted, where, data).join();
    return (tube) => tube.signs.join() === texts;
  }
  const events = listed(wanted, where).map((each, k) => eventOf(each, `${where}[${k}]`, data));
  distinct(wanted.map(canonical), where);
  return (tube) => happened(events, tube.passages);
}

/** The proof of where one trajectory goes, with its numbers read. */
function trajectoryOf(value, data, where) {
  fields(value, where, ["bits", "signs", "path", "target", "shift", "chains"]);
  const path = listed(value.get("path"), `${where}.path`).map((each, k) => {
    const here = `${where}.path[${k}]`;
    const [text, moved] = typeof each === "string" ? [each, null] : listed(each, here, 0, 2);
    const time = exact(text, here);
    need(time.sign() > 0, `${here}: expected a time above 0`);
    if (moved === null && typeof each === "string") return { time, changes: null };
    const changes = listed(moved, here, 1).map((change) => {
      const [unit, example, sign] = wholes(change, here, 3);
      const j = whole(unit, here, 0, data.units - 1);
      return [j, whole(example, here, 0, data.examples - 1), whole(sign, here, -1, 1)];
    });
    return { time, changes };
  });
  const chains = listed(value.get("chains"), `${where}.chains`).map((chain, k) => {
    const here = `${where}.chains[${k}]`;
    if (chain === null) return null;
    const rates = numbers(listed(chain, here, 0, 2)[0], here);
    return { rates, weights: numbers(chain[1], here, rates.length + 1) };
  });
  const [target, shift] = ["target", "shift"].map((name) => {
    return numbers(value.get(name), `${where}.${name}`, data.parameters);
  });
  const bits = whole(value.get("bits"), `${where}.bits`, 1, 4096);
  return { bits, signs: signTexts(value.get("signs"), `${where}.signs`, data), path, target, shift, chains };
}

/** Read a statement and its proof; a function that returns "proved" or "refuted". */
function flowStatement(value, proof, where, depth, landscapes, meter) {
  nestedStatement(depth);
  if (hasField(value, "all of")) {
    const parts = listed(fields(value, where, ["all of"]).get("all of"), `${where}.all of`, 1);
    const proofs = listed(fields(proof, `proof of ${where}`, ["parts"]).get("parts"), where, 0, parts.length);
    const decisions = parts.map((each, k) => {
      return flowStatement(each, proofs[k], `${where}[${k}]`, depth + 1, landscapes, meter);
    });
    return () => {
      const found = decisions.map((decide) => decide());
      return found.includes("refuted") ? "refuted" : "proved";
    };
  }
  if (hasField(value, "not")) {
    const inside = fields(value, where, ["not"]).get("not");
    const decide = flowStatement(inside, proof, `${where}.not`, depth + 1, landscapes, meter);
    return () => (decide() === "proved" ? "refuted" : "proved");
  }
  if (!hasField(value, "flow on")) refuse(where, "a statement: flow on, not or all of", value);
  fields(value, where, ["flow on", "from", "has"]);
  const data = knownLandscape(value.get("flow on"), where, landscapes);
  const start = pointOf(value.get("from"), `${where}.from`, data);
  const listedHere = listed(value.get("has"), `${where}.has`);
  const conditions = listedHere.map((each, k) => flowCondition(each, `${where}.has[${k}]`, data));
  distinct(listedHere.map(canonical), `${where}.has`);
  distinct(listedHere.map(([kind]) => kind).filter((kind) => kind === "signs" || kind === "events"), `${where}.has`);
  const trajectory = trajectoryOf(proof, data, `proof of ${where}`);
  return () => {
    const tube = new Tube(new FlowLandscape(data, meter), start, trajectory);
    const found = conditions.map((meets) => meets(tube));
    if (found.includes(false)) return "refuted";
    need(!found.includes(null), "a condition is not decided by the enclosure");
    return "proved";
  };
}

/** A distance as it is said: 1/10, 1/100, ... as a power of ten. */
function distanceSaid(text) {
  const { top, bottom } = exact(text, "distance");
  const zeros = `${bottom}`.slice(1);
  return top === 1n && /^10+$/.test(`${bottom}`) ? `10^-${zeros.length}` : text;
}

function eventSaid([kind, j, example, first, last]) {
  const many = Array.isArray(example);
  const which = many ? `examples ${example.map((i) => i + 1n).join(" and ")}` : `example ${example + 1n}`;
  return `${kind} (unit ${j + 1n}, ${which}) between ${first} and ${last}`;
}

function flowConditionSaid([kind, relation, value]) {
  if (kind === "within") return `within ${distanceSaid(relation)} of ${pointSaid(value)}`;
  if (kind === "events") return `after ${value.map(eventSaid).join(", ") || "no event"}`;
  return kind === "signs" ? `with signs ${value.join(" ")}` : `with ${kind} ${relation} ${value}`;
}

/** A statement about trajectories in words. */
function flowSaid(value) {
  if (value.has("all of")) return value.get("all of").map((each) => `[${flowSaid(each)}]`).join(" and ");
  if (value.has("not")) return `not [${flowSaid(value.get("not"))}]`;
  const where = `${value.get("flow on")} from ${pointSaid(value.get("from"))}`;
  const ends = ["ends at a stationary point", ...value.get("has").map(flowConditionSaid)].join(", ");
  return `every solution of gradient flow on ${where} ${ends}`;
}

/** What a record about trajectories concludes, in words; refused if it does not prove that. */
export function concludeFlows(record, landscapes, meter) {
  const fixed = [...landscapes.values()].every(({ weights }) => weights !== null);
  need(fixed, "expected fixed output weights in a record about trajectories");
  const statement = record.get("statement");
  const verdict = flowStatement(statement, record.get("proof"), "statement", 0, landscapes, meter)();
  need(verdict === record.get("conclusion"), `the conclusion is ${verdict}`);
  return flowSaid(statement);
}
