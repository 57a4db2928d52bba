"""The first page on a document: findings in their order, and what stands and falls in words."""

from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.decisions import with_premises
from stability.audit.formal_text import assumptions, formal_text, landscapes
from stability.audit.summary import MOST_FINDINGS, findings, first_page, paragraph
from stability.audit.verdicts import settle
from stability.geometry.atlas.statements import MINIMA, number_of_sets, set_at
from stability.landscapes import landscape
from stability.logic.records import Judged, prove
from stability.logic.statements import AllOf, Exists, ForAll, Not

TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])
FALSE = ForAll("x", ["x >= 1"], ["2*x >= 3"])
WRONG = ForAll("", [], ["43/50 == 85/100"])


def judged(*claims):
    return with_premises([settle(each) for each in claims])


def claim(id, statement=TRUE, **more):
    return Claim(id, "1", f"{id.capitalize()} holds.", statement=statement, **more)


def test_findings_are_central_first_and_stand_as_in_the_document():
    details = [claim(f"detail-{k}", FALSE) for k in range(MOST_FINDINGS)]
    found = findings(judged(*details, claim("main", FALSE, weight="central"), claim("fine", weight="central")))
    assert [each.claim.id for each in found] == [*(f"detail-{k}" for k in range(MOST_FINDINGS - 1)), "main"]


def test_what_is_only_the_auditors_comes_last_and_fallen_premises_are_findings():
    found = findings(judged(claim("own", FALSE, weight="ours"), claim("main", uses=["own"], weight="central")))
    assert [each.claim.id for each in found] == ["own", "main"]
    many = [claim(f"c{k}", FALSE) for k in range(MOST_FINDINGS)]
    assert "own" not in [each.claim.id for each in findings(judged(claim("own", FALSE, weight="ours"), *many))]


def test_a_document_without_findings_has_none():
    assert findings(judged(claim("a"), claim("b"))) == []


def test_the_paragraph_counts_and_names_central_claims():
    words = paragraph(
        judged(
            claim("good", weight="central"),
            claim("bad", FALSE, weight="central", decision="falls"),
            claim("number", WRONG, decision="stands"),
            claim("next", uses=["bad"]),
        )
    )
    assert words == (
        "Of 2 central claims 1 stands and 1 falls. What stands: Good holds. What falls: Bad holds. "
        "Conclusions fall with their premises: next with bad. 1 claim is wrong without a conclusion that falls."
    )
    assert paragraph(judged(claim("a"), claim("b"))).startswith("Of 2 claims 2 stand and none falls.")


def test_the_page_is_plain_data_with_corrections():
    repair = Repair("It is less.", ForAll("x", ["x >= 1"], ["2*x >= 2"]))
    writeup = Writeup("notes", "Notes", [claim("bad", FALSE, repair=repair, because="Too strong."), claim("good")])
    page = first_page(writeup, judged(*writeup.claims)).to_json()
    assert page["title"] == "Notes"
    assert page["counts"] == {"proved": 1, "refuted": 1}
    assert page["weights"] == {"detail": 2}
    assert page["decisions"] == {"falls": 1, "stands": 1}
    (only,) = page["findings"]
    assert (only["id"], only["reason"], only["decision"]) == ("bad", "Too strong.", "falls")
    assert only["correction"] == {"says": "It is less.", "status": "proved"}


def test_formal_texts_are_apart_from_what_they_assume():
    both = prove(AllOf([TRUE, Not(FALSE)]))
    assert formal_text(both) == "for all x: 2*x >= 2\nit is not so that for all x: 2*x >= 3"
    assert assumptions(both) == ["x >= 1"]
    some = prove(Exists("x y", ["x > 1", "y > x"]))
    assert (formal_text(some), assumptions(some)) == ("there are x, y with x > 1, y > x", [])
    either = prove(ForAll("x", [], [["x > 0"], ["x <= 0"]], splits=["x"]))
    assert formal_text(either) == "for all x: (x > 0) or (x <= 0)"


def test_a_statement_that_is_open_has_its_formal_text_as_well():
    stated = ForAll("x", ["x > 1"], ["x**2 > x"])
    assert formal_text(stated) == formal_text(prove(stated)) == "for all x: x**2 > x"
    assert assumptions(stated) == ["x > 1"]
    place = landscape("abs1", "xor")
    on = ForAll("u v b", [], ["L.loss([u, v, b]) >= 0"], {"L": place})
    assert landscapes(on) == ["L"]
    assert "set of: abs1" in formal_text(set_at(place, [[0, 0, 0]], [MINIMA]))


def test_statements_about_sets_are_as_the_checker_says_them():
    found = prove(number_of_sets(landscape("abs1", "xor"), [MINIMA], "=", 4))
    assert formal_text(found).startswith("the number of stationary sets of abs1")
    assert "squared" not in formal_text(found)
    (place,) = landscapes(found)
    assert place.startswith("abs1 is the sum of squared errors")
    assert (formal_text(Judged(None)), landscapes(Judged(None))) == ("", [])
