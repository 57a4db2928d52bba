"""What is true instead of refuted clauses: in clauses of its own, proved, and nothing where nothing is known."""

import random
from fractions import Fraction

import pytest
from some_slow import some_slow

from stability import Dataset, check, landscape, run_audit
from stability.audit.readers import corrections
from stability.audit.readers.dynamics import written_point
from stability.geometry.atlas.atlas import known_atlas


def audited(folder, on, body):
    path = folder / "notes.md"
    path.write_text(f"Words.\n\n```stability\n:id: one\n:on: {on}\n{body}\n```\n")
    (verdict,) = run_audit([str(path)]).verdicts
    return verdict


BENT = "[[4/3, -4/3, -2], [1/3]]"
"""A minimum whose largest curvature is 7 + sqrt(13): descent is stable below (7 - sqrt(13))/18 = 0.188580..."""

FROM, WIDE = "flow from [1/2, -1/3, 1/10]: ends", "flow from [-5/2, -5/7, 7/4]: ends"
CURVED = "flow from [[8, -3/4, 0], [-1/2]]: ends"

CORRECTED = [
    ("abs1 xor mean", 'sets where kind = "global minimum": number = 3',
     'sets where kind = "global minimum": number = 2'),
    ("abs1 xor", "sets where kind = saddle: number >= 7\nloss([0, 0, 1/2]) = 1",
     "sets where kind = saddle: number = 5"),
    ("abs1 xor", "sets: number = 8", "sets: number = 9"),
    ("abs1 xor", 'exists set where kind = "local maximum"', 'sets where kind = "local maximum": number = 0'),
    ("abs1 xor", "at [0, 0, 1/2]: kind = global minimum, loss = 0, strict = yes",
     'at [0, 0, 1/2]: kind = "local minimum", loss = 1, strict = yes'),
    ("abs1 xor", "at [0, 1, 1/2]: kind = saddle, loss = 2", "at [0, 1, 1/2]: stationary = no, loss = 3"),
    ("abs1 xor", "at [1/2, -1/2, 0]: outputs = [1, 1, 1, 0], differentiable = no",
     "at [1/2, -1/2, 0]: outputs = [1, 1, 0, 0], differentiable = yes"),
    ("relu1-out xor", "at [1, 1, 1, 1]: stationary = yes", "at [1, 1, 1, 1]: stationary = no"),
    ("abs1 xor", "loss([0, 0, 1/2]) < 1", "loss([0, 0, 1/2]) = 1"),
    ("abs1 xor", "2 = output([0, 0, 1/2], 1)", "output([0, 0, 1/2], 1) = 1/2"),
    ("abs1 xor mean", "step([1, -1, 0], 1/10) = [1, 0, 0]", "step([1, -1, 0], 1/10) = [9/10, -9/10, 0]"),
    ("abs1 xor mean", "gradient([1, -1, 0]) = 0", "gradient([1, -1, 0]) = [1, -1, 0]"),
    ("abs1 xor mean", "step(step([1, -1, 0], 1/10), 1/10) = [1, 0, 0]",
     "step(step([1, -1, 0], 1/10), 1/10) = [41/50, -41/50, 0]"),
    ("relu1 xor", "for all p then loss(p) >= 4/3", "for all p then loss(p) >= 1"),
    ("relu1-out xor", "for all p then loss(p) > 1", "for all p then loss(p) >= 1"),
    ("relu1 xor", "exists p such that loss(p) = 0", "for all p then loss(p) >= 1"),
    ("abs1 xor", "stable for gradient descent at [1/2, -1/2, 0] iff step < 1/2",
     "stable for gradient descent at [1/2, -1/2, 0] iff step < 1/4"),
    ("abs1 xor", "stable for heavy ball with momentum = 1/2 iff step < 1",
     "stable for heavy ball with momentum = 1/2 iff step < 3/8"),
    ("relu1+c xor", f"stable for gradient descent at {BENT} iff step < 0.3",
     f"stable for gradient descent at {BENT} if step < 0.1885; "
     f"stable for gradient descent at {BENT} only if step < 0.1886"),
    ("relu1+c xor", f"stable for gradient descent at {BENT} if step < 0.18859",
     f"stable for gradient descent at {BENT} if step < 0.18858"),
    ("relu1+c xor", f"at {BENT}: stable for heavy ball with momentum = 1/2 only if step < 0.1",
     f"stable for heavy ball with momentum = 1/2 at {BENT} only if step < 0.2829"),
    ("relu1 xor", "stable for gradient descent at [0, 0, -1] iff step < 1",
     "stable for gradient descent at [0, 0, -1] if step < 1"),
    ("relu[+,-]+c xor", "stable for gradient descent at [[1, 1, 1], [-1, -1, -1], [0]] if step < 1",
     "at [[1, 1, 1], [-1, -1, -1], [0]]: stationary = no"),
    ("abs1 xor", "every set where kind = saddle has loss = 2, strict = no",
     "every set where kind = saddle has loss in [4/3, 2], strict = no"),
    ("abs1 xor", "every set where loss > 0 has loss > 1", "every set where loss > 0 has loss >= 1"),
    ("abs1 xor", "minima are [1/2, -1/2, 0]",
     "minima are [1/2, -1/2, 0], [-1/2, 1/2, 0], [0, 0, 1/2], [0, 0, -1/2]"),
    ("abs1 xor", "numbers 43/50 = 85%, 1/2 + 1/3 = 4/6, 2/3 = 0.66, 1 = 1",
     "numbers 43/50 = 86%, 1/2 + 1/3 = 5/6, 2/3 = 0.67"),
    ("A = abs1 xor; B = relu1 xor", "sets of A where kind = saddle: number = 1\nat [1, 2, 3] in B: loss < 1",
     "sets of A where kind = saddle: number = 5; at [1, 2, 3] in B: loss = 46"),
]  # fmt: skip
"""By hand: the nine sets of one absolute value on XOR stand in the README; one ReLU has the least loss 1 there.
At (c, -c, 0), c > 0, the mean loss is (2c - 1)^2/2, with the gradient (2c - 1, 1 - 2c, 0): both errors that count are
2c - 1, at (1, -1) and (-1, 1).
At (0, 0, 1/2) all outputs are 1/2; at (0, 1, 1/2) they are 1/2, 3/2, 3/2 and 1/2. The largest curvature at the minima
is 8, so that gradient descent is stable below 2/8, and heavy ball with momentum 1/2 below 2 (1 + 1/2)/8."""


FLOWS = [
    ("abs1 xor", f"{FROM} on kind = saddle, loss = 0, strict = no",
     f'{FROM} on kind = "global minimum", loss = 0, strict = yes'),
    ("abs1 xor", f"{FROM} at [1/2, -1/2, 0.01]\n{FROM} within 1/100 of [-1/2, 1/2, 0]", f"{FROM} at [1/2, -1/2, 0]"),
    ("relu1 xor", f"{WIDE} at [-5/8, 1/2, 0]", f"{WIDE} within 0.001 of [-5/8, 1/2, -1/8]"),
    ("relu1 xor", f"{WIDE} on loss = 2, dimension = 0", f"{WIDE} on loss = 1, dimension = 2"),
    ("relu1+c xor", f"{CURVED} within 1/100 of [[4, 0, 0], [1/3]]",
     f"{CURVED} within 0.001 of [[4.138, -0.3907, -3.862], [1/3]]"),
    ("relu1+c xor", f"{CURVED} at [[4.138, -0.3907, -3.862], [1/3]]",
     f"{CURVED} within 0.00001 of [[4.137965, -0.390737, -3.862035], [1/3]]"),
    ("abs1 xor", 'every set where kind = saddle has loss = 2\nflow from [0, 0, 0]: ends on kind = "global minimum"',
     "every set where kind = saddle has loss in [4/3, 2]"),
    ("relu1 xor", "cycle of gradient descent with step = 1/5 through [1, 1, 1], [1, 0, -1]",
     "at [1, 0, -1]: differentiable = no"),
    ("relu1 xor", "stable for gradient descent only if step < 1/9",
     "stable for gradient descent at [0, 0, 1/2] iff step < 1/4; "
     "stable for gradient descent at [3/2, -3/2, -2] iff step < 1/3; "
     "stable for gradient descent at [-3/2, 3/2, -2] iff step < 1/3; "
     "stable for gradient descent at [0, 0, -1] if step < 1/9"),
    ("abs1 xor", "stable for nesterov with momentum = 1/3 iff step < 1",
     "stable for nesterov with momentum = 1/3 iff step < 1/5"),
    ("abs1 xor", "no cycle of gradient descent for any step",
     "cycle of gradient descent with step = 1/4 through [-1/4, 0, 1/2], [1/4, 0, 1/2]"),
    ("abs1 xor", "cycle of gradient descent with step = 3/10 through [0, 0, 2], [0, 0, -2]",
     "cycle of gradient descent with step = 3/10 through [0, 0, -3], [0, 0, 3]"),
    ("abs1 xor", "cycle of gradient descent with step = 1/5 through [0, 0, 3], [0, 0, -3]",
     "step([0, 0, 3], 1/5) = [0, 0, -1]"),
    ("abs1 xor", "cycle of heavy ball with step = 1/2, momentum = 1/2 through [0, 0, 1], [0, 0, -1]",
     "step(heavy_ball(1/2, 1/2), [0, 0, 1], [0, 0, -1]) = [0, 0, 0]"),
    ("abs1 xor", "cycle of nesterov with step = 1/2, momentum = 1/2 through [0, 0, 1], [0, 0, -1]",
     "step(nesterov(1/2, 1/2), [0, 0, 1], [0, 0, -1]) = [0, 0, -2]"),
    ("abs1 xor", "cycle of heavy ball with step = 1/2, momentum = 1/2 through [0, 0, 1], [0, 0, 0]",
     "at [0, 0, 0]: differentiable = no"),
    ("A = abs1 xor mean; B = abs1 xor",
     "cycle of gradient descent with step = 1/5 through [0, 0, 3], [0, 0, -3] in B\n"
     "no cycle of gradient descent for any step in A\nflow of B from [1/2, -1/3, 1/10]: ends on loss = 1",
     "B.step([0, 0, 3], 1/5) = [0, 0, -1]; "
     "cycle of gradient descent with step = 1 through [-1/4, 0, 1/2], [1/4, 0, 1/2] in A; "
     "flow of B from [1/2, -1/3, 1/10]: ends on loss = 0"),
]  # fmt: skip
"""By hand: on the line (0, 0, c) the loss of one absolute value is 2 c^2 + 2 (|c| - 1)^2, with the gradient 8 c - 4 for
c > 0. A step of 1/5 leads from 3 to 3 - 20/5, one of 3/10 to 3 - 20 * 3/10 = -3 and back. From 1 after -1
heavy ball goes to 1 + 2/2 - 4/2 = 0, and Nesterov's method to 1 + 2/2 - (3/2 * 4 + 1/2 * 4)/2 = -2.
Where the flow of the ReLU ends, with an output bias or without, was found by 400,000 steps of 1e-4 too, to 3 digits.
From (0, 0, 0) several flows begin, so that nothing is said of that one. Nesterov's method is stable for products below
(2 + 2 m)/(1 + 2 m), 8/5 for m = 1/3."""

MANY_MINIMA = (
    "abs1 parity:3",
    "stable for nesterov with momentum = 1/3 iff step < 1",
    "stable for nesterov with momentum = 1/3 iff step < 1/10",
)
"""The curvature at each of the 16 minima is 16."""

ALL = [*CORRECTED, *FLOWS]
EACH = some_slow([pytest.param(*each, id=each[1].split("\n")[0]) for each in ALL], 20)


@pytest.mark.parametrize(("on", "body", "says"), [*EACH, pytest.param(*MANY_MINIMA, marks=pytest.mark.slow, id="many")])
def test_a_refuted_clause_has_what_is_true_instead_as_a_clause_that_is_proved(tmp_path, on, body, says):
    verdict = audited(tmp_path, on, body)
    assert (verdict.status, verdict.claim.repair.says, verdict.repair_status) == ("refuted", says, "proved")
    assert verdict.repair.records
    assert all(check(record) for record in verdict.repair.records)
    again = audited(tmp_path, on, "\n".join(says.split("; ")))
    assert (again.status, again.claim.repair) == ("proved", None)


@pytest.mark.parametrize(
    ("on", "body"),
    [
        ("abs1 xor", "for all w then w^2 > w"),
        ("abs1 xor", "gradient([0, 0, 0]) = 0"),
        ("abs1 xor", "cycle of gradient descent with step = 1 through [0, 0, 0], [1, 1, 1]"),
        ("abs1 xor", "every set has strict = yes"),
        ("abs1 xor", "stable for gradient descent at [0, 0, 0] iff step < 1"),
    ],
)
def test_where_nothing_is_known_nothing_is_said(tmp_path, on, body):
    verdict = audited(tmp_path, on, body)
    assert verdict.claim.repair is None or verdict.repair_status == "proved"
    assert verdict.repair_status in (None, "proved")


def test_the_author_has_the_first_word(tmp_path):
    body = 'sets where kind = "global minimum": number = 3\ninstead: sets where kind = saddle: number = 5'
    verdict = audited(tmp_path, "abs1 xor", body)
    assert verdict.claim.repair.says == "sets where kind = saddle: number = 5"


def test_what_is_not_proved_is_not_shown(tmp_path, monkeypatch):
    monkeypatch.setitem(
        corrections.CORRECTIONS, "sets", lambda *_: iter([("sets where kind = saddle: number = 4", None)])
    )
    verdict = audited(tmp_path, "abs1 xor", "sets where kind = saddle: number = 1")
    assert (verdict.status, verdict.claim.repair, verdict.repair) == ("refuted", None, None)


def test_what_cannot_be_read_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setitem(corrections.CORRECTIONS, "sets", lambda *_: iter([("sets where king = 4: number = 4", None)]))
    verdict = audited(tmp_path, "abs1 xor", "sets where kind = saddle: number = 1")
    assert (verdict.status, verdict.claim.repair) == ("refuted", None)


def random_document(rng, model):
    """Return the head of a document on three or four random points of a line, and random claims about them."""
    points = sorted(rng.sample(range(-6, 7), rng.choice([3, 4])))
    labels = [Fraction(rng.randint(-4, 4), 2) for _ in points]
    own = f"    points: {[[x] for x in points]}\n    labels: [{', '.join(map(str, labels))}]\n"
    head = f"---\non: {model} own\ndata:\n  own:\n{own}---\n"
    place = landscape(model, Dataset("own", points=[[x] for x in points], labels=labels))

    def spot():
        drawn = (Fraction(rng.randint(-8, 8), rng.randint(1, 4)) for _ in range(place.parameters))
        return written_point(place.by_unit([*drawn]))

    def minimum():
        return written_point(rng.choice(known_atlas(place).minima).witness)

    number, bound = Fraction(rng.randint(1, 30), rng.randint(1, 9)), rng.choice(["if", "iff", "only if"])
    return head, [
        f"sets where loss < {number}: number = 7",
        f"at {spot()}: loss = {number}, stationary = yes",
        f"minima are {spot()}",
        f"every set has loss = {number}",
        f"flow from {spot()}: ends on loss = {number}, dimension > 2",
        f"flow from {spot()}: ends at {spot()}",
        f"flow from {spot()}: ends within 1/7 of {spot()}",
        f"stable for gradient descent at {minimum()} {bound} step < {number}",
        f"stable for heavy ball with momentum = 1/3 {bound} step < {number}",
        f"no cycle of gradient descent with step = {number / 10}",
        f"cycle of gradient descent with step = {number / 10} through {spot()}, {spot()}",
        f"for all p then loss(p) >= {40 + number}",
    ]


def judged(folder, head, bodies):
    path = folder / "notes.md"
    blocks = [f"Words.\n\n```stability\n:id: c{k}\n{body}\n```\n" for k, body in enumerate(bodies)]
    path.write_text(head + "\n".join(blocks))
    return run_audit([str(path)]).verdicts


@pytest.mark.parametrize("seed", some_slow(range(6), 3))
def test_what_is_true_instead_of_random_claims_is_proved_as_a_claim(tmp_path, seed):
    rng = random.Random(seed)
    head, bodies = random_document(rng, ("abs1", "relu1", "leaky1/4:1")[seed % 3])
    found = judged(tmp_path, head, bodies)
    assert all(each.status in ("proved", "refuted", "open") for each in found), [each.reason for each in found]
    corrected = [each.claim.repair.says.replace("; ", "\n") for each in found if each.claim.repair]
    assert len(corrected) >= 5
    assert all(each.repair_status == "proved" for each in found if each.claim.repair)
    assert [each.status for each in judged(tmp_path, head, corrected)] == ["proved"] * len(corrected)
