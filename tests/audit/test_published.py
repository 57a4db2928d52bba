"""Claims of the literature refuse what is missing, take their verdicts from records, and find their papers."""

import pytest

from stability import ForAll, Not, Repair
from stability.audit.published import Paper, PublishedClaim, PublishedInstance, paper, paper_names, published_judgements
from stability.errors import StatementError, UnknownNameError

INSTANCE = PublishedInstance("any real number.", ["The number is real."], ForAll("x", [], ["x - x == 0"]))
TRUE, FALSE = ForAll("x", [], ["x**2 >= 0"]), ForAll("x", [], ["x**2 > 0"])


def claim(verdict: str = "proved", **changed: object) -> PublishedClaim:
    entries = {
        "where": "Lemma 1",
        "says": "A square is not negative.",
        "instance": INSTANCE,
        "statement": TRUE,
        **changed,
    }
    return PublishedClaim("squares", verdict=verdict, **entries)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "refuted"},
        {"verdict": "vacuous"},
        {"verdict": "true"},
        {"where": ""},
        {"says": " "},
        {"instance": "any real number."},
        {"statement": None},
        {"verdict": "open", "statement": None},
        {"statement": "x > 0"},
    ],
)
def test_what_is_missing_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(StatementError):
        claim(**changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("meets", [[], [""], "The number is real."])
def test_an_instance_without_hypotheses_is_refused(meets: object) -> None:
    with pytest.raises(StatementError):
        PublishedInstance("any real number.", meets)  # type: ignore[arg-type]


def test_verdict_is_computed_and_not_what_the_file_says() -> None:
    assert claim(statement=FALSE).settle().status == "refuted"
    wrong = claim("refuted", statement=FALSE, nearest=Repair("None.", FALSE))
    assert wrong.settle().repair_status == "refuted"
    assert claim(instance=PublishedInstance("none.", ["It is."], Not(TRUE))).hypotheses().conclusion == "refuted"  # type: ignore[union-attr]


def test_each_conclusion_has_a_record() -> None:
    found = claim(nearest=Repair("A square and 1 are positive.", ForAll("x", [], ["x**2 + 1 > 0"]))).judgements()
    assert [*found] == ["squares", "squares.repair", "squares.hypotheses"]
    assert all(each.records for each in found.values())


def test_what_is_open_says_why_and_has_no_record() -> None:
    found = claim("open", statement=None, because="Nobody knows.")
    assert found.nearest_true == "Not known."
    assert (found.settle().status, found.settle().reason) == ("open", "Nobody knows.")


def test_verdicts_outside_the_hypotheses_say_so() -> None:
    outside = claim(instance=PublishedInstance("any real number.", ["It is real.", "Not met: it is positive."]))
    assert (claim().verdict_in_words, outside.verdict_in_words) == ("proved", "proved, outside its hypotheses")


def test_a_paper_has_no_claim_twice() -> None:
    with pytest.raises(StatementError, match="squares"):
        Paper("A. Author", 2020, "On squares", "arXiv:0", [claim(), claim()])


def test_unknown_paper_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="boursier"):
        paper("boursier_flammarion_2024")


def test_records_have_paths_below_their_paper() -> None:
    name = "liu_2020"
    assert name in paper_names()
    assert {path.split("/")[0] for path in published_judgements([name])} == {name}
