"""Relations tried on stationary sets: what they find is recomputed in fractions, and what is false stays unproved."""

from fractions import Fraction

from stability import check, landscape, prove
from stability.audit.representatives import ExistsOnSets, ForAllOnSets

LOSS = "L.loss([a, b, c, d, e, f])"


def place():
    return landscape("relu2", "xor")


def loss(point):
    """Return the sum of squared errors of two ReLU units, by hand; the data are those of the landscape."""
    rows, data = [point[:3], point[3:]], place().to_record()
    total = Fraction(0)
    for x, label in zip(data["points"], data["labels"], strict=True):
        numbers = [Fraction(each) for each in (*x, 1)]
        out = sum(max(sum(w * n for w, n in zip(row, numbers, strict=True)), Fraction(0)) for row in rows)
        total += (out - Fraction(label)) ** 2
    return total


def test_a_global_minimum_of_two_units_exists():
    places = [place()]
    judged = prove(
        ExistsOnSets("a b c d e f", [f"{LOSS} == 0"], {"L": places[0].to_record()}, places=places, steps=200_000)
    )
    assert judged.conclusion == "proved"
    assert check(judged.record)
    witness = judged.record["proof"]["witness"]
    assert loss([Fraction(witness[name]) for name in "abcdef"]) == 0


def test_a_universal_statement_that_fails_there_is_refuted_and_no_false_one_is_proved():
    places = [place()]
    records = {"L": places[0].to_record()}
    positive = ForAllOnSets("a b c d e f", [], [f"{LOSS} > 0"], records, places=places, steps=50_000, samples=0)
    judged = prove(positive)
    assert judged.conclusion == "refuted"
    assert check(judged.record)
    negative = ExistsOnSets("a b c d e f", [f"{LOSS} == -1"], records, places=places, steps=50_000, samples=0)
    assert prove(negative).conclusion != "proved"
