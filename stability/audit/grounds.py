"""The grounds of verdicts in words: what a certificate shows, and why that settles the statement."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stability.audit.instances import in_words
from stability.audit.wrong_numbers import wrong_numbers
from stability.errors import StabilityError
from stability.logic.branches import Ground, UniversalStatement
from stability.logic.records import Judged

Proof = Mapping[str, Any]
Formal = Mapping[str, Any]

MOST_SPLITS, LONGEST_SPLIT = 3, 40
"""How many expressions are named by whose signs cases differ, and of how many characters."""

MOST_EXAMPLES = 2
"""Of the parts of a statement."""

SMOOTH = re.compile(r"(\w+)\.(twice_)?differentiable\(")
"""What relations between derivatives demand beside themselves: that there are any."""

EVALUATED = "By exact evaluation of the numbers."
COMBINED = "adding multiples of the conditions"


def ground(judged: Judged, decimals: Mapping[str, str] | None = None) -> str:
    """Return in words what settles a statement, and as what decimals, also these, were read.

    Examples
    --------
    >>> from stability import ForAll, prove
    >>> ground(prove(ForAll("x", [], ["x > 4"], try_at=[{"x": "1/2"}])))
    'Counterexample: x = 1/2.'
    """
    found = {**(decimals or {}), **judged.decimals}
    read = "".join(f" {each} is read as {number}." for each, number in found.items())
    return f"{_ground(judged)}{read}"


def _ground(judged: Judged) -> str:
    record = judged.record
    if record is None:
        return judged.reason or _several([_ground(each) for each in judged.parts])
    if record["format"] == "stability-atlas/1":
        listed = f"By the complete list of stationary sets of {' and '.join(record['landscapes'])}."
        return listed if judged.shown is None else f"{judged.shown['says']} {listed}"
    if record["format"] == "stability-flow/1":
        return "By an enclosure of the trajectory from its start to its end."
    proof, formal = record["proof"], record["statement"]
    reader = _Reader(record["landscapes"])
    said = reader.words(proof, formal, judged.conclusion == "refuted")
    opposite = judged.conclusion == "refuted" and "not" in formal and ("tree" in proof or "parts" in proof)
    return f"The opposite is proved. {said}" if opposite else said


KINDS = {
    "Counterexample:": "by a counterexample",
    "Example:": "by an example",
    "No values": "by contradiction",
    "The hypotheses": "by contradiction",
    "It holds in": "by cases of signs",
    "It follows": COMBINED.replace("adding", "by adding"),
    "Both sides": "written out",
    "By exact": "by exact evaluation",
    "By the complete": "by complete lists of stationary sets",
    "By an enclosure": "by enclosures of trajectories",
    "The gradients": "by convex weights on gradients",
    "A direction": "by a direction of descent",
}
"""How the ground of a part is called, by how it begins."""


def _kind(text: str) -> str:
    return next((name for start, name in KINDS.items() if text.startswith(start)), "by a certificate of its own")


@dataclass(frozen=True)
class _Reader:
    """Says in words what proofs about some landscapes show."""

    landscapes: Mapping[str, Any]

    def words(self, proof: Proof, formal: Formal, refuted: bool) -> str:
        """Return the ground of one statement of formulas."""
        while "not" in formal or "proof" in proof:
            if "not" in formal:
                formal, refuted = formal["not"], not refuted
            else:
                formal, proof = formal["all of"][proof["part"]], proof["proof"]
        if "parts" in proof:
            return _several(list(self._parts(proof, formal, refuted)))
        if "witness" in proof:
            return self._witness(proof["witness"], formal, refuted)
        if "empty" in proof:
            return _empty(proof["empty"], "given" in formal)
        if "never" in proof:
            return f"Fails at the only value that the conditions allow{_between(proof, formal)}."
        if "separator" in proof:
            return "A direction along which every nearby gradient descends."
        if "weights" in proof:
            return "The gradients around it average to 0, by convex weights on them."
        return _tree(proof["tree"], formal) if "tree" in proof else "By its certificate."

    def _parts(self, proof: Proof, formal: Formal, refuted: bool) -> Iterator[str]:
        """Yield the grounds of all parts, those of parts of parts one by one."""
        for part, said in zip(proof["parts"], formal.get("all of", ()), strict=False):
            if "parts" in part and "all of" in said:
                yield from self._parts(part, said, refuted)
            else:
                yield self.words(part, said, refuted)

    def _witness(self, witness: Mapping[str, str], formal: Formal, refuted: bool) -> str:
        if not witness:
            kink = self._at_kink(witness, formal).strip() if refuted else ""
            return kink or (refuted and wrong_numbers(formal, dict(self.landscapes))) or EVALUATED
        word = "Counterexample" if refuted else "Example"
        return (
            f"{word}: {in_words(witness, formal, self.landscapes)}.{self._at_kink(witness, formal) if refuted else ''}"
        )

    def _at_kink(self, witness: Mapping[str, str], formal: Formal) -> str:
        """Return that a counterexample is one because a derivative that the claim speaks of does not exist there."""
        asked = [text for goal in formal.get("then", ()) for text in goal if SMOOTH.match(text)]
        question = UniversalStatement(list(witness), (), (), dict(self.landscapes))
        try:
            missing = next((each for each in asked if not Ground(question, witness).satisfies([each])), None)
        except StabilityError:
            return ""
        if missing is None:
            return ""
        name, twice = SMOOTH.match(missing).groups()  # type: ignore[union-attr]
        return f" It is at a kink, where {name} has no {'Hessian' if twice else 'gradient'}."


def _between(proof: Proof, formal: Formal) -> str:
    if "root" not in proof or len(formal.get("for all", ())) != 1:
        return ""
    low, high = proof["root"]
    return f", {formal['for all'][0]} between {low} and {high}"


def _empty(tree: Proof, hypotheses: bool) -> str:
    head = "The hypotheses contradict each other" if hypotheses else "No values satisfy all conditions"
    count = _leaves(tree)
    if count == 1:
        return f"{head}: {COMBINED} gives a contradiction."
    return f"{head}: in each of {count} cases{_by_signs(tree)} {COMBINED} gives a contradiction."


def _tree(tree: Proof, formal: Formal) -> str:
    """Return how a proof by cases goes."""
    count = _leaves(tree)
    if not formal.get("for all", [""]):
        return EVALUATED
    if count > 1:
        return f"It holds in each of {count} cases{_by_signs(tree)}, by exact algebra."
    if not formal.get("given"):
        return "Both sides written out, it holds for all values."
    return f"It follows by {COMBINED}."


def _by_signs(tree: Proof) -> str:
    """Return by the signs of which expressions the cases differ."""
    names = list(dict.fromkeys(_splits(tree)))
    short = [each for each in names if len(each) <= LONGEST_SPLIT][:MOST_SPLITS]
    if not short:
        return ""
    more = len(names) - len(short)
    listed = ", ".join(short) + (f" and {more} more" if more else "")
    return f" (by the sign{'s' if len(names) > 1 else ''} of {listed})"


def _splits(tree: Proof) -> Iterator[str]:
    if "split" in tree:
        yield str(tree["split"])
        for side in "-0+":
            yield from _splits(tree[side])


def _leaves(tree: Proof) -> int:
    return sum(_leaves(tree[side]) for side in "-0+") if "split" in tree else 1


def _several(texts: list[str]) -> str:
    """Return the grounds of the parts of a statement together: their kinds counted, examples whole."""
    if len(set(texts)) == 1:
        return texts[0] if len(texts) == 1 else f"Each of its {len(texts)} parts holds. {texts[0]}"
    kinds = Counter(map(_kind, texts))
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    examples = list(dict.fromkeys(text for text in texts if text.startswith("Example:")))[:MOST_EXAMPLES]
    return " ".join([f"Each of its {len(texts)} parts holds: {listed}.", *examples])
