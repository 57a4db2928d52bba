// Formulas: from a text to a tree, by the grammar of docs/certificates.md, and to the words in which they are said.

import { MOST, Refusal, need, wholeRoot, within } from "./rational.js";

const COMPARISONS = ["<", "<=", ">", ">=", "==", "!="];
const OPERATORS = new Set(["+", "-", "*", "/", "**", ...COMPARISONS]);
const FOLLOWED = new Set([...OPERATORS, "(", "[", ",", "."]);

/** What the functions of a landscape are given: points or directions, slopes of all kinks, a unit, an example. */
const ARGUMENTS = new Map([
  ["loss", ["vector"]],
  ["d1", ["vector", "vector"]],
  ["d2", ["vector", "vector", "vector"]],
  ["autograd", ["vector", "vector"]],
  ["slope", ["vector", "vector", "vector"]],
  ["pre", ["vector", "unit", "example"]],
  ["out", ["vector", "example"]],
]);
const CONSTRAINTS = new Map([
  ["rest", ["vector", "slopes"]],
  ["generic", ["vector", "vector"]],
  ["differentiable", ["vector"]],
  ["twice_differentiable", ["vector"]],
]);

/** The words and signs of a formula. */
export function tokensOf(text) {
  const pattern = / *([A-Za-z_][A-Za-z0-9_]*|[0-9]+|\*\*|[<>=!]=|[-+*/<>()[\],.])/y;
  const found = [];
  let end = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    found.push(match[1]);
    end = pattern.lastIndex;
  }
  need(/^ *$/.test(text.slice(end)), `expected a formula; got ${JSON.stringify(text.slice(end, end + 30))} in one`);
  return found;
}

/** A formula as it is said: a blank around an operator between two values and after a comma, nowhere else. */
export function formulaSaid(text) {
  let said = "";
  let afterValue = false;
  for (const token of tokensOf(text)) {
    if (token === ",") said += ", ";
    else said += afterValue && OPERATORS.has(token) ? ` ${token} ` : token;
    afterValue = !FOLLOWED.has(token);
  }
  return said;
}

/** The numbers below the square roots in some formulas, each once. */
export function rootsIn(texts) {
  const found = new Map();
  for (const text of texts) {
    const tokens = tokensOf(text);
    for (let k = 0; k + 3 < tokens.length; k += 1) {
      const root = tokens[k] === "sqrt" && tokens[k + 1] === "(" && /^[0-9]/.test(tokens[k + 2]);
      if (root && tokens[k + 3] === ")") found.set(BigInt(tokens[k + 2]), true);
    }
  }
  return [...found.keys()];
}

/** Reads one formula by recursive descent. */
class FormulaReader {
  constructor(text, variables, landscapes) {
    this.tokens = tokensOf(text);
    this.variables = variables;
    this.landscapes = landscapes;
    this.at = 0;
    this.depth = 0;
  }

  next(ahead = 0) {
    return this.tokens[this.at + ahead] ?? "";
  }

  take(token) {
    if (this.next() !== token) return false;
    this.at += 1;
    return true;
  }

  must(condition, wanted) {
    need(condition, `expected ${wanted} in a formula; got ${JSON.stringify(this.next().slice(0, 40))}`);
  }

  expect(token) {
    this.must(this.take(token), JSON.stringify(token));
  }

  /** What is read by a function one bracket (or sign) deeper. */
  deeper(read) {
    this.depth += 1;
    within(this.depth, MOST.brackets, "brackets in each other, in a formula");
    const found = read();
    this.depth -= 1;
    return found;
  }

  end(found) {
    this.must(this.at === this.tokens.length, "an end");
    return found;
  }

  relation() {
    if (this.next(1) === "." && CONSTRAINTS.has(this.next(2))) return this.end(this.call(CONSTRAINTS));
    const sides = [this.sum()];
    const signs = [];
    while (COMPARISONS.includes(this.next())) {
      signs.push(this.next());
      this.at += 1;
      sides.push(this.sum());
    }
    this.must(signs.length > 0, "a relation");
    return this.end({ is: "chain", sides, signs });
  }

  sum() {
    const parts = [{ turn: 1, of: this.product() }];
    while (this.next() === "+" || this.next() === "-") {
      const turn = this.take("+") ? 1 : -1;
      if (turn < 0) this.at += 1;
      parts.push({ turn, of: this.product() });
    }
    return parts.length === 1 ? parts[0].of : { is: "sum", parts };
  }

  product() {
    const factors = [{ divides: false, of: this.signed() }];
    while (this.next() === "*" || this.next() === "/") {
      const divides = this.next() === "/";
      this.at += 1;
      factors.push({ divides, of: this.signed() });
    }
    return factors.length === 1 ? factors[0].of : { is: "product", factors };
  }

  signed() {
    if (!this.take("-")) return this.power();
    return { is: "sum", parts: [{ turn: -1, of: this.deeper(() => this.signed()) }] };
  }

  power() {
    const base = this.factor();
    if (!this.take("**")) return base;
    const bracket = this.take("(");
    const exponent = this.digits("a whole number as exponent");
    if (bracket) this.expect(")");
    within(exponent, BigInt(MOST.exponent), "as an exponent");
    this.must(this.next() !== "**", "brackets around a power of a power");
    return { is: "power", base, exponent: Number(exponent) };
  }

  digits(wanted) {
    this.must(/^[0-9]/.test(this.next()), wanted);
    within(this.next().length, MOST.digits, "digits of a number");
    this.at += 1;
    return BigInt(this.tokens[this.at - 1]);
  }

  factor() {
    if (this.take("(")) {
      const found = this.deeper(() => this.sum());
      this.expect(")");
      return found;
    }
    const token = this.next();
    if (/^[0-9]/.test(token)) return { is: "number", value: this.digits("a number") };
    if (this.next(1) === "." && this.landscapes.has(token)) return this.call(ARGUMENTS);
    if (this.next(1) === "(" && token === "sqrt") return this.root();
    if (this.next(1) === "(" && ["abs", "relu", "max", "min"].includes(token)) return this.choice(token);
    this.must(this.variables.has(token), "a number, a variable or a landscape that is known");
    this.at += 1;
    return { is: "variable", name: token };
  }

  root() {
    this.at += 2;
    const below = this.digits("a whole number below a square root");
    within(below, MOST.root, "below a square root");
    need(wholeRoot(below) ** 2n !== below, "expected no square below a square root");
    this.expect(")");
    return { is: "root", below };
  }

  choice(name) {
    this.at += 2;
    const many = name === "max" || name === "min";
    const values = this.deeper(() => {
      const found = [this.sum()];
      while (many && this.take(",")) found.push(this.sum());
      return found;
    });
    this.must(!many || values.length > 1, "a comma and one more number");
    this.expect(")");
    return { is: name, values };
  }

  call(known) {
    const landscape = this.landscapes.get(this.next());
    const name = this.next(2);
    this.must(landscape !== undefined && known.has(name), "a landscape and a function that is known here");
    const simple = landscape.weights !== null || ["loss", "out", "pre"].includes(name);
    need(simple, "expected loss, out or pre where output weights are trained");
    this.at += 3;
    this.expect("(");
    const values = this.deeper(() =>
      known.get(name).map((kind, k) => {
        if (k > 0) this.expect(",");
        return this.argument(kind, landscape);
      }),
    );
    this.expect(")");
    return { is: "call", landscape: landscape.name, name, values };
  }

  argument(kind, { units, parameters, examples }) {
    if (kind === "vector") return this.vector(parameters);
    if (kind === "slopes") return this.vector(units * examples);
    const most = kind === "unit" ? units : examples;
    const index = this.digits("the number of a unit or an example");
    this.must(index < BigInt(most), `the number of a unit or an example below ${most} before this`);
    return Number(index);
  }

  vector(size) {
    this.expect("[");
    const found = this.deeper(() => {
      const sums = [this.sum()];
      while (this.take(",")) sums.push(this.sum());
      return sums;
    });
    this.expect("]");
    this.must(found.length === size, `a list of ${size} numbers before this (not ${found.length})`);
    return found;
  }
}

/** Where formulas in some variables are read; each text is read once. */
export class Scope {
  constructor(names, landscapes, meter) {
    this.names = names;
    this.variables = new Set(names);
    this.landscapes = landscapes;
    this.meter = meter;
    this.sums = new Map();
    this.relations = new Map();
  }

  /** The tree of a formula that stands for a number. */
  sum(text, where) {
    return this.read(this.sums, text, where, (reader) => reader.end(reader.sum()));
  }

  /** The tree of a relation: a chain of comparisons, or the call of a constraint. */
  relation(text, where) {
    return this.read(this.relations, text, where, (reader) => reader.relation());
  }

  read(known, text, where, how) {
    need(typeof text === "string", `${where}: expected a formula as text`);
    if (!known.has(text)) {
      within(text.length, MOST.formula, "characters of a formula");
      this.meter.spend(text.length);
      try {
        known.set(text, how(new FormulaReader(text, this.variables, this.landscapes)));
      } catch (problem) {
        if (problem instanceof Refusal) throw new Refusal(`${where}: ${problem.message}`);
        throw problem;
      }
    }
    return known.get(text);
  }
}
