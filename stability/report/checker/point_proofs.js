// Statements about points: their grammar, their proofs, and the words in which they are said.

import { formulaSaid, rootsIn, Scope } from "./formulas.js";
import { distinct, fields, hasField, listed, nameOf, nestedStatement, numbers, refuse, whole } from "./grammar.js";
import { wholes } from "./grammar.js";
import { knownLandscape } from "./landscapes.js";
import { PointLandscape } from "./point_landscape.js";
import { Algebra, constantOf } from "./polynomials.js";
import { ONE, Refusal, exact, need, quotient, rational, surd, wholeRoot } from "./rational.js";

/** A sign is needed that a branch has not fixed. */
class UnknownSign extends Refusal {}

const OPPOSITES = { proved: "refuted", refuted: "proved" };
const NEVER = { proved: "refuted", refuted: "vacuous" };

/** Whether a number compares with 0 as a relation says. */
function compares(value, relation) {
  const sign = value.sign();
  if (relation === "=") return sign === 0;
  if (relation === "!=") return sign !== 0;
  return relation === ">" ? sign > 0 : sign >= 0;
}

/** What is known on one branch of a proof: values of variables, facts in their order, signs of polynomials. */
class Branch {
  constructor(prover, values, facts = [], signs = new Map()) {
    this.prover = prover;
    this.algebra = prover.algebra;
    this.values = values;
    this.facts = facts;
    this.signs = signs;
    this.sign = (p) => this.signOf(p);
  }

  knowing(facts, signs = this.signs) {
    return new Branch(this.prover, this.values, [...this.facts, ...facts], signs);
  }

  signOf(p) {
    if (this.algebra.isNumber(p)) return this.algebra.number(p).sign();
    this.algebra.meter.spend(p.size);
    const [ray, turn] = this.algebra.ray(p);
    const known = this.signs.get(ray);
    if (known === undefined) throw new UnknownSign("a sign that is needed is not distinguished by the proof");
    return known * turn;
  }

  negative(p) {
    return this.algebra.scaled(rational(-1), p);
  }

  /** The polynomial that the tree of a formula stands for on this branch. */
  value(node) {
    const { algebra } = this;
    if (node.is === "number") return constantOf(rational(node.value));
    if (node.is === "root") return algebra.root(node.below);
    if (node.is === "value") return node.p;
    if (node.is === "variable") return this.values.get(node.name);
    if (node.is === "power") return algebra.power(this.value(node.base), node.exponent);
    if (node.is === "call") return this.call(node);
    if (node.is === "sum") {
      return algebra.combination(node.parts.map(({ turn, of }) => [rational(turn), this.value(of)]));
    }
    if (node.is === "product") {
      return node.factors.reduce((found, { divides, of }) => {
        const factor = this.value(of);
        return algebra.times(found, divides ? constantOf(ONE.over(this.plainNumber(factor))) : factor);
      }, constantOf(ONE));
    }
    return this.choice(node.is, node.values.map((each) => this.value(each)));
  }

  plainNumber(p) {
    need(p.size === 1 && p.has(0), "only numbers other than 0 can be divided by");
    return p.get(0);
  }

  choice(name, values) {
    if (name === "abs" || name === "relu") {
      const side = this.signOf(values[0]);
      if (side < 0) return name === "abs" ? this.negative(values[0]) : new Map();
      return side > 0 ? values[0] : new Map();
    }
    const better = name === "max" ? 1 : -1;
    return values.reduce((best, each) => (this.signOf(this.algebra.minus(each, best)) === better ? each : best));
  }

  call(node) {
    const given = node.values.map((each) => (Array.isArray(each) ? each.map((x) => this.value(x)) : each));
    return this.prover.places.get(node.landscape)[node.name](this.sign, ...given);
  }

  /** The constraints [polynomial, relation] of a relation, one for each comparison of its chain. */
  constraints(node) {
    if (node.is === "call") return this.call(node);
    const sides = node.sides.map((each) => this.value(each));
    return node.signs.map((sign, k) => {
      const [a, b] = [sides[k], sides[k + 1]];
      if (sign === "<" || sign === "<=") return [this.algebra.minus(b, a), sign === "<" ? ">" : ">="];
      return [this.algebra.minus(a, b), sign === "==" ? "=" : sign];
    });
  }

  /** This branch with the givens whose signs are known; a "!=" is the fact 1 > 0, or -1 > 0 where it fails. */
  assuming(given) {
    const facts = [];
    for (const node of given) {
      try {
        for (const [p, relation] of this.constraints(node)) {
          const unequal = relation === "!=";
          facts.push(unequal ? [constantOf(rational(this.signOf(p) === 0 ? -1 : 1)), ">"] : [p, relation]);
        }
      } catch (problem) {
        if (!(problem instanceof UnknownSign)) throw problem;
      }
    }
    return this.knowing(facts);
  }

  /** Confirm that a combination of facts is 0 though one of its terms is positive. */
  absurd(terms, where, scope) {
    let strict = false;
    const parts = listed(terms, where).map((term, k) => {
      const here = `${where}[${k}]`;
      const free = hasField(term, "times");
      if (free) fields(term, here, ["of", "times"]);
      else fields(term, here, ["of", "weight"], ["square"]);
      const facts = wholes(term.get("of"), `${here}.of`).map((n) => {
        need(n >= 0n && n < BigInt(this.facts.length), `${here}: no such fact`);
        return this.facts[Number(n)];
      });
      const product = facts.reduce((found, [p]) => this.algebra.times(found, p), constantOf(ONE));
      if (free) {
        const factor = this.value(scope.sum(term.get("times"), here));
        need(facts.some(([, relation]) => relation === "="), `${here}: only an equation has any multiple`);
        return [ONE, this.algebra.times(product, factor)];
      }
      const weight = exact(term.get("weight"), `${here}.weight`);
      need(weight.sign() > 0, `${here}: weights must be positive`);
      if (!term.has("square")) {
        strict = strict || facts.every(([, relation]) => relation === ">");
        return [weight, product];
      }
      const square = this.value(scope.sum(term.get("square"), here));
      return [weight, this.algebra.times(this.algebra.times(square, square), product)];
    });
    const vanishes = this.algebra.combination(parts).size === 0;
    need(strict && vanishes, `${where}: the combination of facts is no contradiction`);
  }

  /** Confirm a constraint: at once for a number, else because its negation is absurd. */
  confirm([p, relation], why, where, scope) {
    if (why === null) {
      need(compares(this.algebra.number(p), relation), `${where}: a relation that does not hold`);
    } else if (relation === "=") {
      listed(why, where, 0, 2);
      this.knowing([[p, ">"]]).absurd(why[0], `${where}[0]`, scope);
      this.knowing([[this.negative(p), ">"]]).absurd(why[1], `${where}[1]`, scope);
    } else {
      const negation = relation === "!=" ? [p, "="] : [this.negative(p), relation === ">" ? ">=" : ">"];
      this.knowing([negation]).absurd(why, where, scope);
    }
  }
}

/** The opposite of a constraint, as a constraint. */
function opposite(branch, [p, relation]) {
  if (relation === "=") return [p, "!="];
  if (relation === "!=") return [p, "="];
  return [branch.negative(p), relation === ">" ? ">=" : ">"];
}

/** Confirms the statement of one record. */
class PointProver {
  constructor(landscapes, meter) {
    this.landscapes = landscapes;
    this.meter = meter;
    this.algebra = new Algebra(meter);
    this.scopes = new Map();
    this.places = new Map([...landscapes].map(([name, data]) => [name, new PointLandscape(data, this.algebra)]));
  }

  scope(names) {
    const key = names.join(" ");
    if (!this.scopes.has(key)) this.scopes.set(key, new Scope(names, this.landscapes, this.meter));
    return this.scopes.get(key);
  }

  /** The variables of a statement, as the scope of its formulas. */
  variables(value, where) {
    const names = listed(value, where).map((each, k) => nameOf(each, `${where}[${k}]`));
    distinct(names, where);
    need(!names.some((each) => this.landscapes.has(each)), `${where}: expected variables; got the name of a landscape`);
    return this.scope(names);
  }

  relations(value, where, scope, least) {
    return listed(value, where, least).map((text, k) => scope.relation(text, `${where}[${k}]`));
  }

  /** The same statement with everything in it read; refused where it is none. */
  statement(value, where, depth) {
    nestedStatement(depth);
    if (hasField(value, "for all")) {
      fields(value, where, ["for all", "given", "then"]);
      const scope = this.variables(value.get("for all"), `${where}.for all`);
      const given = this.relations(value.get("given"), `${where}.given`, scope, 0);
      const goals = listed(value.get("then"), `${where}.then`, 1);
      const then = goals.map((goal, k) => this.relations(goal, `${where}.then[${k}]`, scope, 1));
      const texts = { given: value.get("given"), then: goals };
      return { kind: "for all", scope, given, then, texts };
    }
    if (hasField(value, "exists")) {
      fields(value, where, ["exists", "such that"]);
      const scope = this.variables(value.get("exists"), `${where}.exists`);
      const given = this.relations(value.get("such that"), `${where}.such that`, scope, 1);
      return { kind: "exists", scope, given, then: [], texts: { given: value.get("such that"), then: [] } };
    }
    if (hasField(value, "clarke")) {
      fields(value, where, ["clarke", "at"]);
      const data = knownLandscape(value.get("clarke"), `${where}.clarke`, this.landscapes);
      need(data.weights !== null, "expected fixed output weights of a Clarke-stationary point");
      const at = numbers(value.get("at"), `${where}.at`, data.parameters);
      return { kind: "clarke", name: data.name, at, texts: value.get("at") };
    }
    if (hasField(value, "not")) {
      fields(value, where, ["not"]);
      return { kind: "not", inner: this.statement(value.get("not"), `${where}.not`, depth + 1) };
    }
    if (!hasField(value, "all of")) refuse(where, "a statement: for all, exists, clarke, not or all of", value);
    fields(value, where, ["all of"]);
    const parts = listed(value.get("all of"), `${where}.all of`, 1);
    return { kind: "all of", parts: parts.map((each, k) => this.statement(each, `${where}[${k}]`, depth + 1)) };
  }

  /** Confirm that a proof shows a conclusion about a statement. */
  confirm(statement, conclusion, proof, where) {
    if (statement.kind === "for all") {
      this.universal(statement, statement.given.length > 0, conclusion, proof, where);
    } else if (statement.kind === "exists") {
      need(conclusion in NEVER, "a statement of existence is proved or refuted");
      this.universal(statement, true, NEVER[conclusion], proof, where);
    } else if (statement.kind === "clarke") {
      need(conclusion in OPPOSITES, "a point is Clarke-stationary or not");
      this.clarke(statement, conclusion, proof, where);
    } else if (statement.kind === "not") {
      need(conclusion in OPPOSITES, "the opposite of a statement is proved or refuted");
      this.confirm(statement.inner, OPPOSITES[conclusion], proof, where);
    } else if (conclusion === "proved") {
      const { parts } = statement;
      const proofs = listed(fields(proof, where, ["parts"]).get("parts"), `${where}.parts`, 0, parts.length);
      parts.forEach((each, k) => this.confirm(each, "proved", proofs[k], `${where}.parts[${k}]`));
    } else {
      need(conclusion === "refuted", "several statements at once are proved or refuted");
      fields(proof, where, ["part", "proof"]);
      const k = whole(proof.get("part"), `${where}.part`, 0, statement.parts.length - 1);
      this.confirm(statement.parts[k], "refuted", proof.get("proof"), `${where}.proof`);
    }
  }

  /** A branch on which the variables are themselves. */
  open(scope) {
    return new Branch(this, new Map(scope.names.map((name) => [name, this.algebra.variable(name)])));
  }

  /** A branch on which every variable has the value that a record gives it, and no other has one. */
  at(scope, values, where) {
    fields(values, where, scope.names);
    const known = scope.names.map((name) => {
      const [a, b, below] = surd(values.get(name), `${where}.${name}`);
      return [name, this.algebra.plus(constantOf(a), this.algebra.root(below, b))];
    });
    return new Branch(this, new Map(known));
  }

  /** The open branch with the three facts about the square root in some formulas, if there is one. */
  rooted(scope, texts) {
    const roots = rootsIn(texts);
    need(roots.length < 2, "expected one square root in a statement; got several");
    const branch = this.open(scope);
    if (roots.length === 0) return branch;
    const s = this.algebra.root(roots[0]);
    const floor = wholeRoot(roots[0] * 1000000n);
    const over = this.algebra.minus(s, constantOf(quotient(floor, 1000n)));
    const under = this.algebra.minus(constantOf(quotient(floor + 1n, 1000n)), s);
    return branch.knowing([[s, ">"], [over, ">"], [under, ">"]]);
  }

  /** Whether relations hold on a branch where everything is a number. */
  hold(branch, relations) {
    return relations.every((node) => {
      return branch.constraints(node).every(([p, relation]) => compares(this.algebra.number(p), relation));
    });
  }

  universal({ scope, given, then, texts }, conditional, conclusion, proof, where) {
    if (conclusion === "vacuous") {
      const tree = fields(proof, where, ["empty"]).get("empty");
      this.replay(this.rooted(scope, texts.given), tree, { scope, given, then: [] }, `${where}.empty`);
      return;
    }
    if (conclusion === "refuted" && hasField(proof, "witness")) {
      const here = this.at(scope, fields(proof, where, ["witness"]).get("witness"), `${where}.witness`);
      need(!then.some((goal) => this.hold(here, goal)), "the counterexample is none");
      need(this.hold(here, given), "the counterexample violates the givens");
      return;
    }
    const how = hasField(proof, "root") ? "root" : "instance";
    const parts = conclusion === "proved" ? ["tree"] : ["never", "picks"];
    fields(proof, where, conditional ? [...parts, how] : parts);
    if (conditional && how === "root") this.bracket(scope, given, proof.get("root"), `${where}.root`);
    else if (conditional) {
      const here = this.at(scope, proof.get("instance"), `${where}.instance`);
      need(this.hold(here, given), "the instance does not meet the givens");
    }
    if (conclusion === "proved") {
      const start = this.rooted(scope, [texts.given, ...texts.then].flat());
      this.replay(start, proof.get("tree"), { scope, given, then }, `${where}.tree`);
      return;
    }
    const picks = listed(proof.get("picks"), `${where}.picks`, 0, then.length);
    const picked = picks.map((pick, k) => whole(pick, `${where}.picks[${k}]`, 0, then[k].length - 1));
    const start = this.rooted(scope, [texts.given, picked.map((pick, k) => texts.then[k][pick])].flat());
    const goal = picked.map((pick, k) => then[k][pick]);
    this.replay(start, proof.get("never"), { scope, given, then: [goal], fails: true }, `${where}.never`);
  }

  /** Confirm that the givens hold at a root, between two numbers, of their only equation. */
  bracket(scope, given, ends, where) {
    const [low, high] = numbers(ends, where, 2);
    need(scope.names.length === 1 && low.compare(high) < 0, "expected a bracket for the only variable");
    const values = [low, high].map((x) => {
      const branch = new Branch(this, new Map([[scope.names[0], constantOf(x)]]));
      return given.flatMap((node) => branch.constraints(node)).map(([p]) => this.algebra.number(p));
    });
    const free = given.flatMap((node) => this.open(scope).constraints(node));
    need(free.filter(([, relation]) => relation === "=").length === 1, "expected one equation for one root");
    free.forEach(([p, relation], k) => {
      const signs = [values[0][k].sign(), values[1][k].sign()];
      if (relation === "=") {
        need(signs[0] * signs[1] < 0, "the bracket shows no root");
        return;
      }
      const straight = relation !== "!=" && this.algebra.degree(p) < 2;
      need(straight && Math.min(...signs) >= 0 && Math.max(...signs) > 0, "the bracket does not show the other givens");
    });
  }

  /** Confirm that on every branch of a tree the givens are absurd, or a goal holds (or all of it fails). */
  replay(branch, tree, claim, where) {
    const { scope, given, then, fails = false } = claim;
    if (hasField(tree, "split")) {
      fields(tree, where, ["split", "-", "0", "+"]);
      const p = branch.value(scope.sum(tree.get("split"), `${where}.split`));
      need(p.size > 0, `${where}: a distinction by the sign of 0`);
      const [ray, turn] = this.algebra.ray(p);
      const facts = { "-": [branch.negative(p), ">"], 0: [p, "="], "+": [p, ">"] };
      for (const [side, sign] of [["-", -1], ["0", 0], ["+", 1]]) {
        const signs = new Map(branch.signs).set(ray, sign * turn);
        this.replay(branch.knowing([facts[side]], signs), tree.get(side), claim, `${where}${side}`);
      }
      return;
    }
    const absurd = hasField(tree, "absurd");
    fields(tree, where, absurd ? ["absurd"] : ["goal", "by"]);
    const here = branch.assuming(given);
    if (absurd) {
      here.absurd(tree.get("absurd"), `${where}.absurd`, scope);
      return;
    }
    const goal = then[whole(tree.get("goal"), `${where}.goal`, 0, then.length - 1)];
    const wanted = goal.map((node) => (typeof node === "function" ? node(here) : here.constraints(node)));
    need(!fails || wanted.every((each) => each.length === 1), "only single relations can be negated");
    const reasons = listed(tree.get("by"), `${where}.by`, 0, wanted.flat().length);
    wanted.flat().forEach((each, k) => {
      here.confirm(fails ? opposite(here, each) : each, reasons[k], `${where}.by[${k}]`, scope);
    });
  }

  clarke({ name, at }, conclusion, proof, where) {
    const place = this.places.get(name);
    const point = at.map(constantOf);
    if (conclusion === "refuted") {
      fields(proof, where, ["separator", "tree"]);
      const separator = numbers(proof.get("separator"), `${where}.separator`, at.length).map(constantOf);
      const scope = this.scope(at.map((_, k) => `u${k}`));
      const branch = this.open(scope);
      const u = [...branch.values.values()];
      const enters = { is: "call", landscape: name, name: "generic", values: [] };
      const given = [{ ...enters, values: [point, u].map((v) => v.map((p) => ({ is: "value", p }))) }];
      const falls = (here) => [[here.negative(place.slope(here.sign, point, separator, u)), ">"]];
      this.replay(branch, proof.get("tree"), { scope, given, then: [[falls]] }, `${where}.tree`);
      return;
    }
    fields(proof, where, ["weights", "toward"]);
    const weights = numbers(proof.get("weights"), `${where}.weights`, null, 1);
    const toward = listed(proof.get("toward"), `${where}.toward`, 0, weights.length);
    const into = toward.map((each, k) => numbers(each, `${where}.toward[${k}]`, at.length).map(constantOf));
    const sum = this.algebra.number(this.algebra.combination(weights.map((w) => [ONE, constantOf(w)])));
    need(weights.every((w) => w.sign() >= 0) && sum.equals(ONE), "expected the weights of a mean");
    const { sign } = new Branch(this, new Map());
    at.forEach((_, c) => {
      const axis = at.map((__, k) => constantOf(rational(k === c ? 1 : 0)));
      const parts = weights.map((weight, k) => [weight, place.slope(sign, point, axis, into[k])]);
      need(this.algebra.combination(parts).size === 0, "the combination of gradients is not 0");
    });
  }
}

/** A statement in words. */
function statementSaid(value) {
  const relations = (texts) => texts.map(formulaSaid).join(" and ");
  if (value.has("for all")) {
    const given = value.get("given");
    const assumed = given.length > 0 ? ` with ${relations(given)}` : "";
    return `for all ${value.get("for all").join(", ")}${assumed}: ${value.get("then").map(relations).join(" or ")}`;
  }
  if (value.has("exists")) {
    return `there are ${value.get("exists").join(", ")} with ${relations(value.get("such that"))}`;
  }
  if (value.has("clarke")) {
    return `(${value.get("at").join(", ")}) is a Clarke-stationary point of ${value.get("clarke")}`;
  }
  if (value.has("not")) return `not [${statementSaid(value.get("not"))}]`;
  return value.get("all of").map((each) => `[${statementSaid(each)}]`).join(" and ");
}

/** What a record about points concludes, in words; refused if it does not prove that. */
export function concludePoints(record, landscapes, meter) {
  const one = [...landscapes.values()].every(({ oneHot }) => !oneHot);
  need(one, "expected landscapes of one output in a record about points");
  const prover = new PointProver(landscapes, meter);
  const statement = prover.statement(record.get("statement"), "statement", 0);
  prover.confirm(statement, record.get("conclusion"), record.get("proof"), "proof");
  return statementSaid(record.get("statement"));
}
