// Statements about all stationary sets: their grammar, how they are decided, and the words in which they are said.

import { WholeLandscape } from "./atlas_landscape.js";
import { StationarySets } from "./atlas_sets.js";
import { distinct, fields, hasField, listed, nestedStatement, numbers, oneOf, refuse, whole } from "./grammar.js";
import { wholes } from "./grammar.js";
import { canonical } from "./json.js";
import { knownLandscape, pointOf } from "./landscapes.js";
import { exact, need, rational } from "./rational.js";

const KINDS = ["global minimum", "local minimum", "saddle", "local maximum"];
const COUNTS = ["dimension", "faces", "autograd_faces", "smooth_faces", "orbit", "right"];
const TRUTHS = ["isolated", "strict", "clarke", "directional", "autograd_rests"];
const ATTRIBUTES = ["kind", "loss", "outputs", "correct", ...COUNTS, ...TRUTHS];
const OF_CLASS = "correct of class ";
const ORDERED = ["=", "!=", "<", "<=", ">", ">="];

function isCount(name) {
  return COUNTS.includes(name) || name.startsWith(OF_CLASS);
}

/** The value of an attribute: a word, a truth value, a count (BigInt), a rational number, or a list of such. */
function attribute(name, value, where, examples) {
  if (name === "kind") return oneOf(value, where, KINDS);
  if (name === "outputs") return numbers(value, where, examples);
  if (name === "correct") {
    return listed(value, where, 0, examples).map((each, k) => attribute("strict", each, `${where}[${k}]`, examples));
  }
  if (TRUTHS.includes(name)) {
    if (typeof value !== "boolean") refuse(where, "true or false", value);
    return value;
  }
  if (isCount(name)) {
    if (typeof value !== "bigint") refuse(where, "a whole number", value);
    return value;
  }
  return typeof value === "bigint" ? rational(value) : exact(value, where);
}

/** Refuse the dimension where outputs are one-hot: what is replayed is the landscape of one output. */
function statable(name, where, data) {
  need(name !== "dimension" || !data.oneHot, `${where}: expected no dimension with one_hot`);
}

/** The name of an attribute in a condition: a known one, or that of a class with its label in lowest terms. */
function attributeName(value, where, data) {
  statable(value, where, data);
  if (typeof value !== "string" || !value.startsWith(OF_CLASS)) return oneOf(value, where, ATTRIBUTES);
  const label = value.slice(OF_CLASS.length);
  need(exact(label, where).toString() === label, `${where}: expected a label in lowest terms`);
  return value;
}

/** Conditions [{name, relation, values}] of a list, on the sets of a landscape. */
function conditionsOf(value, where, data, least = 0) {
  const found = listed(value, where, least).map((each, k) => {
    const here = `${where}[${k}]`;
    const [name, relation, wanted] = listed(each, here, 0, 3);
    attributeName(name, here, data);
    const list = name === "outputs" || name === "correct";
    const known = name === "loss" || isCount(name) ? [...ORDERED, "in"] : list ? ["=", "!="] : ["=", "!=", "in"];
    oneOf(relation, here, known);
    const several = relation === "in" ? listed(wanted, here, 1) : [wanted];
    return { name, relation, values: several.map((x) => attribute(name, x, here, data.examples)) };
  });
  distinct(value.map(canonical), where);
  return found;
}

/** -1, 0 or 1 for two values of one attribute; of words, truth values and lists only 0 says something. */
function compared(a, b) {
  if (Array.isArray(a)) return a.length === b.length && a.every((x, k) => compared(x, b[k]) === 0) ? 0 : 1;
  if (typeof a === "object") return a.compare(b);
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Whether a comparison comes out as a relation says. */
export function agrees(sign, relation) {
  if (relation === "=" || relation === "in") return sign === 0;
  if (relation === "!=") return sign !== 0;
  if (relation === "<" || relation === "<=") return sign < 0 || (sign === 0 && relation === "<=");
  return sign > 0 || (sign === 0 && relation === ">=");
}

function holds(set, conditions) {
  return conditions.every(({ name, relation, values }) => {
    return values.some((value) => agrees(compared(set.get(name), value), relation));
  });
}

/** Confirms statements, by the sets of each landscape. */
class SetProver {
  constructor(landscapes, atlases) {
    this.landscapes = landscapes;
    this.atlases = atlases;
  }

  /** Refuse conditions on which examples are correct where there are not two labels, or not the one that is named. */
  meaningful(name, conditions) {
    for (const each of conditions) {
      const known = this.atlases.get(name).sets[0].has(each.name);
      need(known, `${each.name} has no meaning here: there are not two labels, or there is no such label`);
    }
  }

  /** Read a statement and return whether it is "proved", "refuted" or "vacuous" once the sets are known. */
  read(value, where, depth) {
    nestedStatement(depth);
    if (hasField(value, "all of")) {
      const parts = listed(fields(value, where, ["all of"]).get("all of"), `${where}.all of`, 1);
      const reads = parts.map((each, k) => this.read(each, `${where}[${k}]`, depth + 1));
      return () => {
        const found = reads.map((decide) => decide());
        return ["refuted", "vacuous"].find((verdict) => found.includes(verdict)) ?? "proved";
      };
    }
    if (hasField(value, "not")) {
      const inner = this.read(fields(value, where, ["not"]).get("not"), `${where}.not`, depth + 1);
      return () => {
        const found = inner();
        return found === "vacuous" ? found : found === "proved" ? "refuted" : "proved";
      };
    }
    const needs = (...keys) => fields(value, where, keys);
    if (hasField(value, "every set of")) return this.every(needs("every set of", "with", "has"), where);
    if (hasField(value, "sets of")) return this.number(needs("sets of", "with", "number"), where);
    if (hasField(value, "set of")) return this.at(needs("set of", "at", "has"), where);
    if (hasField(value, "all sets of")) return this.all(needs("all sets of", "are"), where);
    return refuse(where, "a statement: all sets of, every set of, sets of, set of, not or all of", value);
  }

  every(value, where) {
    const data = knownLandscape(value.get("every set of"), where, this.landscapes);
    const given = conditionsOf(value.get("with"), `${where}.with`, data);
    const wanted = conditionsOf(value.get("has"), `${where}.has`, data, 1);
    return () => {
      this.meaningful(data.name, [...given, ...wanted]);
      const chosen = this.atlases.get(data.name).sets.filter((set) => holds(set, given));
      if (chosen.length === 0) return "vacuous";
      return chosen.every((set) => holds(set, wanted)) ? "proved" : "refuted";
    };
  }

  number(value, where) {
    const data = knownLandscape(value.get("sets of"), where, this.landscapes);
    const given = conditionsOf(value.get("with"), `${where}.with`, data);
    const [relation, number] = listed(value.get("number"), `${where}.number`, 0, 2);
    oneOf(relation, `${where}.number`, ORDERED);
    if (typeof number !== "bigint") refuse(`${where}.number`, "a whole number", number);
    return () => {
      this.meaningful(data.name, given);
      const chosen = this.atlases.get(data.name).sets.filter((set) => holds(set, given));
      const count = chosen.reduce((sum, set) => sum + set.get("orbit"), 0n);
      return agrees(compared(count, number), relation) ? "proved" : "refuted";
    };
  }

  at(value, where) {
    const data = knownLandscape(value.get("set of"), where, this.landscapes);
    const point = pointOf(value.get("at"), `${where}.at`, data);
    const wanted = conditionsOf(value.get("has"), `${where}.has`, data);
    return () => {
      this.meaningful(data.name, wanted);
      const found = this.atlases.get(data.name).locate(point);
      return found !== null && holds(found, wanted) ? "proved" : "refuted";
    };
  }

  all(value, where) {
    const data = knownLandscape(value.get("all sets of"), where, this.landscapes);
    const claimed = listed(value.get("are"), `${where}.are`, 1).map((each, k) => {
      const here = `${where}.are[${k}]`;
      fields(each, here, ["kind", "loss", "orbit", "witness"], ATTRIBUTES);
      const names = [...each.keys()].filter((name) => name !== "witness");
      for (const name of names) {
        statable(name, here, data);
        const below = COUNTS.includes(name) && typeof each.get(name) === "bigint" && each.get(name) < 0n;
        need(!below, `${here}.${name}: expected a whole number from 0`);
      }
      const conditions = names.map((name) => {
        return { name, relation: "=", values: [attribute(name, each.get(name), `${here}.${name}`, data.examples)] };
      });
      return { witness: pointOf(each.get("witness"), here, data), conditions };
    });
    return () => {
      const atlas = this.atlases.get(data.name);
      for (const { conditions } of claimed) this.meaningful(data.name, conditions);
      const found = claimed.map(({ witness }) => atlas.locate(witness));
      const complete = found.length === atlas.sets.length && new Set(found).size === found.length;
      const same = (set, k) => set !== null && holds(set, claimed[k].conditions);
      return complete && found.every(same) ? "proved" : "refuted";
    };
  }
}

/** The proof for one landscape with its form confirmed: {tree, rays, fits}. */
function atlasProof(value, data, where) {
  fields(value, where, ["tree", "rays", "fits"]);
  const tree = listed(value.get("tree"), `${where}.tree`, 1).map((node, k) => {
    const here = `${where}.tree[${k}]`;
    const [split, ...reasons] = listed(node, here, 1);
    whole(wholes(split, here, 1)[0], here, -1, data.examples - 1);
    for (const reason of reasons) {
      need(wholes(reason, here).length >= 3 && reason.length % 2 === 1, `${here}: expected a reason of an odd length`);
    }
    return node;
  });
  const rays = listed(value.get("rays"), `${where}.rays`);
  rays.forEach((ray, k) => wholes(ray, `${where}.rays[${k}]`, data.width));
  const fits = listed(value.get("fits"), `${where}.fits`, 1);
  return { tree, rays, fits: fits.map((each, k) => fitOf(each, data.width, `${where}.fits[${k}]`)) };
}

function fitOf(value, width, where) {
  const [generators, verdict, weights, directions, balances] = listed(value, where, 0, 5);
  need(wholes(generators, where).every((g) => g >= 0n), `${where}: expected numbers of generators, from 0`);
  distinct(generators, where);
  wholes(weights, where, generators.length + 1);
  for (const direction of listed(directions, where)) {
    need(wholes(direction, where, width + 1)[0] >= 0n, `${where}: expected the number of a face, from 0`);
  }
  const balanced = listed(balances, where).map((each) => {
    const [face, ...pairs] = listed(each, where, 2);
    need(typeof face === "bigint" && face >= 0n, `${where}: expected the number of a face, from 0`);
    for (const pair of pairs) wholes(pair, where, 2);
    return { face, pairs };
  });
  return { generators, verdict: whole(verdict, where, 0, 2), weights, directions, balances: balanced };
}

function plain(value) {
  return Array.isArray(value) ? `[${value.map(plain).join(", ")}]` : String(value);
}

function conditionsSaid(conditions) {
  return conditions.map(([name, relation, value]) => `${name} ${relation} ${plain(value)}`).join(" and ") || "anything";
}

/** A point in words, unit after unit. */
export function pointSaid(point) {
  return `(${point.map((row) => row.join(", ")).join("; ")})`;
}

/** A statement about sets in words. */
function setsSaid(value) {
  const get = (key) => value.get(key);
  if (value.has("all of")) return get("all of").map((each) => `[${setsSaid(each)}]`).join(" and ");
  if (value.has("not")) return `not [${setsSaid(get("not"))}]`;
  if (value.has("every set of")) {
    const wanted = conditionsSaid(get("has"));
    return `every stationary set of ${get("every set of")} with ${conditionsSaid(get("with"))} has ${wanted}`;
  }
  if (value.has("sets of")) {
    const number = get("number").join(" ");
    return `the number of stationary sets of ${get("sets of")} with ${conditionsSaid(get("with"))} is ${number}`;
  }
  if (value.has("set of")) {
    const where = `the point ${pointSaid(get("at"))} of ${get("set of")}`;
    return `${where} is in a stationary set with ${conditionsSaid(get("has"))}`;
  }
  const sets = get("are");
  const kinds = sets.map((each) => `${each.get("orbit")} ${each.get("kind")} of loss ${each.get("loss")}`).join(", ");
  const more = new Set(sets.flatMap((each) => [...each.keys()]));
  for (const name of ["orbit", "kind", "loss"]) more.delete(name);
  const listedToo = [...more].sort().join(", ");
  const name = get("all sets of");
  return `the stationary sets of ${name} are exactly: ${kinds}; each with the ${listedToo} that the record lists`;
}

/** What a record about all stationary sets concludes, in words; refused if it does not prove that. */
export function concludeSets(record, landscapes, meter) {
  const atlases = new Map();
  const decide = new SetProver(landscapes, atlases).read(record.get("statement"), "statement", 0);
  const proof = fields(record.get("proof"), "proof", [...landscapes.keys()]);
  const proofs = [...landscapes].map(([name, data]) => [name, atlasProof(proof.get(name), data, `proof.${name}`)]);
  for (const [name, each] of proofs) {
    atlases.set(name, new StationarySets(new WholeLandscape(landscapes.get(name), meter), each));
  }
  const verdict = decide();
  need(verdict === record.get("conclusion"), `the conclusion is ${verdict}`);
  return setsSaid(record.get("statement"));
}
