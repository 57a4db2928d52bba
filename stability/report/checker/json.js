// Records as JSON: read strictly, written canonically, and their fingerprint (SHA-256).

import { MOST, NoRecord, need, within } from "./rational.js";

const BLANKS = " \t\n\r";
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Reads one text. Objects become Maps, whole numbers BigInts; there are no other numbers in records. */
class JsonReader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail() {
    throw new NoRecord(`expected a record in JSON; what stands at character ${this.at + 1} is none`);
  }

  blanks() {
    while (this.at < this.text.length && BLANKS.includes(this.text[this.at])) this.at += 1;
  }

  whole() {
    const found = this.value(0);
    this.blanks();
    if (this.at < this.text.length) this.fail();
    return found;
  }

  value(depth) {
    this.blanks();
    const first = this.text[this.at];
    if (first === "{" || first === "[") {
      need(depth <= MOST.depth, `beyond a limit of the checker: at most ${MOST.depth} lists and objects in each other`);
      return first === "{" ? this.object(depth + 1) : this.list(depth + 1);
    }
    if (first === '"') return this.string();
    for (const [word, meaning] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    return this.number();
  }

  number() {
    const pattern = /-?(?:0|[1-9][0-9]*)/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) {
      need(!/^(?:NaN|-?Infinity)/.test(this.text.slice(this.at, this.at + 9)), "expected numbers; got NaN or Infinity");
      this.fail();
    }
    within(found[0].length, MOST.digits + 1, "digits of a number");
    this.at += found[0].length;
    need(!".eE".includes(this.text[this.at] ?? " "), "expected whole numbers; got one with a point or an exponent");
    return BigInt(found[0]);
  }

  string() {
    const text = this.text;
    let found = "";
    let from = (this.at += 1);
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 34) break;
      if (!(code >= 32)) this.fail();
      if (code !== 92) {
        this.at += 1;
        continue;
      }
      found += text.slice(from, this.at) + this.escaped();
      from = this.at;
    }
    found += text.slice(from, this.at);
    this.at += 1;
    return found;
  }

  escaped() {
    const next = this.text[this.at + 1];
    if (next === "u") {
      const digits = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9A-Fa-f]{4}$/.test(digits)) this.fail();
      this.at += 6;
      return String.fromCharCode(parseInt(digits, 16));
    }
    if (next === undefined || !Object.hasOwn(ESCAPES, next)) this.fail();
    this.at += 2;
    return ESCAPES[next];
  }

  list(depth) {
    const found = [];
    this.at += 1;
    this.blanks();
    if (this.text[this.at] === "]") {
      this.at += 1;
      return found;
    }
    for (;;) {
      found.push(this.value(depth));
      this.blanks();
      const next = this.text[this.at];
      this.at += 1;
      if (next === "]") return found;
      if (next !== ",") this.fail();
    }
  }

  object(depth) {
    const found = new Map();
    this.at += 1;
    this.blanks();
    if (this.text[this.at] === "}") {
      this.at += 1;
      return found;
    }
    for (;;) {
      this.blanks();
      if (this.text[this.at] !== '"') this.fail();
      const key = this.string();
      this.blanks();
      if (this.text[this.at] !== ":") this.fail();
      this.at += 1;
      need(!found.has(key), `expected every key once; got ${JSON.stringify(key.slice(0, 60))} repeatedly`);
      found.set(key, this.value(depth));
      this.blanks();
      const next = this.text[this.at];
      this.at += 1;
      if (next === "}") return found;
      if (next !== ",") this.fail();
    }
  }
}

/** How often one character stands in a text, counted no further than the limit. */
function occurrences(text, character, most) {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0 && count <= most; at = text.indexOf(character, at + 1)) count += 1;
  return count;
}

/** What a text in JSON stands for. */
export function parsed(text) {
  need(typeof text === "string", "expected the text of a record");
  within(text.length, 2 * MOST.characters, "characters of a record");
  const lists = occurrences(text, "[", MOST.lists) + occurrences(text, "{", MOST.lists);
  within(lists, MOST.lists, "lists and objects of a record");
  within(occurrences(text, ",", MOST.values), MOST.values, "values of a record");
  need(!/(?<![0-9])[0-9]{4301}/.test(text), `beyond a limit of the checker: at most ${MOST.digits} digits of a number`);
  return new JsonReader(text).whole();
}

/** Compare two texts by their code points, as the keys of a canonical object are sorted. */
function byCodePoints(a, b) {
  for (let k = 0; k < a.length && k < b.length; k += 1) {
    if (a[k] !== b[k]) return a.codePointAt(k) - b.codePointAt(k) || a.charCodeAt(k) - b.charCodeAt(k);
  }
  return a.length - b.length;
}

const NAMED = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text in quotes, with everything escaped that is not printable ASCII. */
function quoted(text) {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  const inner = text.replace(/[^ !#-[\]-~]/g, (c) => NAMED[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${inner}"`;
}

/** The canonical text of a value: keys sorted, ", " and ": " between the parts, ASCII only. */
export function canonical(value) {
  if (value instanceof Map) {
    const keys = [...value.keys()].sort(byCodePoints);
    return `{${keys.map((key) => `${quoted(key)}: ${canonical(value.get(key))}`).join(", ")}}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(", ")}]`;
  return typeof value === "string" ? quoted(value) : String(value);
}

/** The first primes, whose roots are the constants of SHA-256. */
function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n += 1) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}

/** The first 32 bits of the fractional part of the n-th root of p (n is 2 or 3), exactly. */
function fraction(p, n) {
  const wanted = BigInt(p) << BigInt(32 * n);
  let low = 0n;
  let high = BigInt(p + 1) << 32n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(n) <= wanted) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

const SHA_START = primes(8).map((p) => fraction(p, 2));
const SHA_ROUNDS = primes(64).map((p) => fraction(p, 3));

function turned(x, by) {
  return (x >>> by) | (x << (32 - by));
}

/** The SHA-256 of a text in ASCII, in hexadecimal digits. */
export function sha256(text) {
  const blocks = Math.ceil((text.length + 9) / 64);
  const bytes = new Uint8Array(64 * blocks);
  for (let k = 0; k < text.length; k += 1) bytes[k] = text.charCodeAt(k);
  bytes[text.length] = 128;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(64 * blocks - 8, BigInt(text.length) * 8n);
  const state = Int32Array.from(SHA_START);
  const words = new Int32Array(64);
  for (let block = 0; block < blocks; block += 1) {
    for (let k = 0; k < 16; k += 1) words[k] = view.getInt32(64 * block + 4 * k);
    shaBlock(state, words);
  }
  return [...state].map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
}

function shaBlock(state, words) {
  for (let k = 16; k < 64; k += 1) {
    const early = words[k - 15];
    const late = words[k - 2];
    const mixed = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    words[k] = words[k - 16] + mixed + words[k - 7] + (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let k = 0; k < 64; k += 1) {
    const choice = (e & f) ^ (~e & g);
    const up = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + SHA_ROUNDS[k] + words[k]) | 0;
    const most = (a & b) ^ (a & c) ^ (b & c);
    const down = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + most) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + up) | 0, c, b, a, (up + down) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, k) => {
    state[k] += x;
  });
}
