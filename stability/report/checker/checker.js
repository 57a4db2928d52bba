// The checker in JavaScript: reads a record and says what it concludes, if it proves it. See docs/certificates.md.

import { concludeSets } from "./atlas_statements.js";
import { concludeFlows } from "./flow_statements.js";
import { fields, hasField, oneOf, presentable, shortened } from "./grammar.js";
import { canonical, parsed, sha256 } from "./json.js";
import { landscapesOf } from "./landscapes.js";
import { concludePoints } from "./point_proofs.js";
import { concludeRecovery } from "./recovery_statements.js";
import { Meter, NoRecord, Refusal, excerpt, need } from "./rational.js";

/** For every format who decides, and how many steps each further character of a long record allows. */
const FORMATS = new Map([
  ["stability-record/1", { conclude: concludePoints, rate: 50 }],
  ["stability-atlas/1", { conclude: concludeSets, rate: 3000 }],
  ["stability-flow/1", { conclude: concludeFlows, rate: 50 }],
  ["stability-recovery/1", { conclude: concludeRecovery, rate: 50 }],
]);

function recordOf(text) {
  const found = parsed(text);
  if (hasField(found, "format") && typeof found.get("format") === "string") return found;
  throw new NoRecord(`expected a record, which names its format; got ${excerpt(found)}`);
}

function confirmed(text) {
  const wanted = ["format", "id", "landscapes", "statement", "conclusion", "proof"];
  const record = fields(recordOf(text), "record", wanted);
  const format = oneOf(record.get("format"), "format", [...FORMATS.keys()]);
  const conclusion = oneOf(record.get("conclusion"), "conclusion", ["proved", "refuted", "vacuous"]);
  const landscapes = landscapesOf(record.get("landscapes"));
  const sealed = canonical(new Map([...record, ["id", ""]]));
  const fits = record.get("id") === sha256(sealed).slice(0, 20);
  need(fits, "the fingerprint does not fit: the record was altered");
  const { conclude, rate } = FORMATS.get(format);
  const said = conclude(record, landscapes, new Meter(sealed.length, rate));
  const kinked = format !== "stability-flow/1"; // the slope at a kink has no part in gradient flow
  const data = [...landscapes.values()].map((each) => (kinked ? each.said : each.saidOfFlow));
  return [`${conclusion}: ${said}`, ...data].join("; ");
}

/**
 * The verdict on the text of a record: {accepted: true, conclusion} or {accepted: false, reason}; never throws.
 * Where the text is no record at all, it has `none: true` besides.
 */
export function check(text) {
  try {
    return { accepted: true, conclusion: shortened(confirmed(text)) };
  } catch (problem) {
    if (problem instanceof NoRecord) return { accepted: false, none: true, reason: presentable(problem.message) };
    if (problem instanceof Refusal) return { accepted: false, reason: presentable(problem.message) };
    if (problem instanceof RangeError) {
      return { accepted: false, reason: "beyond a limit of the checker: the memory of this machine" };
    }
    return { accepted: false, reason: "expected a proof whose parts fit each other and the landscapes; got another" };
  }
}
