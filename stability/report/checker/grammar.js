// What every record looks like, whatever it is about. Each function returns a value that is as it must be.

import { MOST, Refusal, exact, excerpt, need, within } from "./rational.js";

const KEYWORDS = new Set(
  ("False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
);

/** Refuse the record because of a value. */
export function refuse(where, wanted, value) {
  throw new Refusal(`${where}: expected ${wanted}; got ${excerpt(value)}`);
}

/** An object with exactly these fields, some of which may be missing. */
export function fields(value, where, needed, optional = []) {
  const wanted = `an object with the fields ${needed.join(", ") || "(none)"}`;
  if (!(value instanceof Map)) refuse(where, wanted, value);
  for (const key of needed) need(value.has(key), `${where}: expected ${wanted}; got none called ${key}`);
  const usual = new Set([...needed, ...optional]);
  for (const key of value.keys()) need(usual.has(key), `${where}: expected ${wanted}; got one called ${excerpt(key)}`);
  return value;
}

/** Whether a value is an object that has a field. */
export function hasField(value, key) {
  return value instanceof Map && value.has(key);
}

/** A list, of at least so many or of exactly so many entries. */
export function listed(value, where, least = 0, length = null) {
  if (!Array.isArray(value) || value.length < least || (length !== null && value.length !== length)) {
    refuse(where, `a list of ${length === null ? `at least ${least}` : length}`, value);
  }
  return value;
}

/** One of the words that are known here. */
export function oneOf(value, where, known) {
  if (typeof value !== "string" || !known.includes(value)) refuse(where, `one of ${known.join(", ")}`, value);
  return value;
}

/** A whole number between bounds, as a Number. */
export function whole(value, where, low, high) {
  if (typeof value !== "bigint" || value < BigInt(low) || value > BigInt(high)) {
    refuse(where, `a whole number from ${low} to ${high}`, value);
  }
  return Number(value);
}

/** A list of whole numbers of any size, as BigInts. */
export function wholes(value, where, length = null) {
  for (const each of listed(value, where, 0, length)) {
    if (typeof each !== "bigint") refuse(where, "a list of whole numbers", each);
  }
  return value;
}

/** The numbers that a list of texts stands for. */
export function numbers(value, where, length = null, least = 0) {
  return listed(value, where, least, length).map((text, k) => exact(text, `${where}[${k}]`));
}

/** A name: letters, digits and _ of ASCII, no keyword of Python. */
export function nameOf(value, where) {
  const fits = typeof value === "string" && value.length <= MOST.name && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value);
  if (!fits || KEYWORDS.has(value)) {
    refuse(where, `a name of up to ${MOST.name} of the characters A-Z a-z 0-9 _`, value);
  }
  return value;
}

/** Count statements in statements. */
export function nestedStatement(depth) {
  within(depth, MOST.statements, "statements in each other");
}

/** Refuse a list of texts that says the same twice. */
export function distinct(texts, where) {
  const seen = new Set();
  for (const text of texts) {
    need(!seen.has(text), `${where}: expected nothing twice; got ${excerpt(text)} repeatedly`);
    seen.add(text);
  }
}

/** Numbers of more than 60 digits with the middle left out, as conclusions are printed. */
export function shortened(text) {
  return text.replace(/[0-9]{61,}/g, (all) => `${all.slice(0, 20)}...${all.slice(-20)} (${all.length} digits)`);
}

/** A reason that can be shown: every character that is no visible ASCII escaped, and not too long. */
export function presentable(text) {
  const escaped = text.slice(0, 400).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return text.length > 400 ? `${escaped}...` : escaped;
}
