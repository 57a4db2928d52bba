"""One bad claim is one error, with its id, file and line; the audit goes on over the others and exits with 2."""

import json
import textwrap

import pytest

from stability import landscape
from stability.audit.claims import Claim, Repair, SourcePosition, Writeup
from stability.audit.discovery import proofs_folder, writeups
from stability.audit.documents import read
from stability.audit.experiments import Experiment
from stability.audit.hypothesis_tests import share
from stability.audit.measurements import Measurement, Prediction
from stability.audit.protocols import Study
from stability.audit.verdicts import Verdict, settle
from stability.cli.audit import MALFORMED, Request, audit_and_report
from stability.dynamics.flow.statements import flow_ends
from stability.errors import StabilityError, StatementError
from stability.logic.statements import ForAll

HEAD = """
from stability.audit.vocabulary import *
from stability.audit.vocabulary import Claim, ForAll, Measurement, Repair, Study, Writeup
from stability.audit.vocabulary import every_set, number_of_sets, on, set_at

ABS1 = on("abs1")
TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])


class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")


class Gone(Exception):
    def __str__(self):
        raise GeneratorExit


class Bare(BaseException):
    pass


def fails(kind, *words):
    raise kind(*words)


def generated(kind):
    yield from ()
    raise kind


CLAIMS = [
    Claim("first", "1", "True.", statement=TRUE),
"""
TAIL = """
    Claim("last", "1", "False.", statement=lambda: ForAll("x", [], ["x > 4"], try_at=[{"x": 1}])),
]
WRITEUP = Writeup("my-doc", "Mine", CLAIMS)
"""
LINE = len(HEAD.splitlines()) + 1

BAD = [
    ('statement=number_of_sets(ABS1, [("kind", "=", "local minimun")], "=", 0)', "Did you mean 'local minimum'"),
    ('statement=lambda: number_of_sets(ABS1, [("kind", "=", "local minimun")], "=", 0)', "Did you mean 'local min"),
    ('statement=every_set(ABS1, [], [("knd", "=", "saddle")])', "Did you mean 'kind'"),
    ("statement=set_at(ABS1, [[0.5, 0, 0]], [])", "got the float 0.5"),
    ("statement=set_at(ABS1, [[0, 0]], [])", "3 parameters"),
    ('statement=ForAll("x", [], ["y > 0"])', "Expected a variable; got 'y'"),
    ('statement=ForAll("x", [], ["x > 5e-1"])', "Write 1/2"),
    ('statement=ForAll("x", [], ["Abs(x) > 0"])', "Did you mean 'abs'"),
    ('statement=ForAll("x", [], ["__import__(chr(97)) > 0"])', "Expected landscape.function"),
    ('statement=ForAll("x", [], [])', "at least one entry for then"),
    ('statement=ForAll("x", "x > 0", ["x > 1"])', "Expected a list for given"),
    ("statement=lambda: fails(Mute)", "Mute: it cannot be shown"),
    ("statement=fails(Mute)", "Mute: it cannot be shown"),
    ("statement=lambda: fails(Gone)", "Gone: it cannot be shown"),
    ("statement=lambda: fails(Bare, 'so')", "Bare: so"),
    ("measure=lambda: fails(Bare)", "Bare"),
    ("measure=fails(Bare)", "Bare"),
    ("statement=lambda: fails(GeneratorExit)", "GeneratorExit"),
    ("statement=[*generated(GeneratorExit)]", "GeneratorExit"),
    ("statement=lambda: fails(SystemExit)", "SystemExit"),
    ("statement=fails(SystemExit, 0)", "SystemExit"),
    ("statement=lambda: fails(MemoryError)", "MemoryError"),
    ("statement=fails(RecursionError)", "RecursionError"),
    (r"statement=lambda: fails(ValueError, 'a\x1b[2J\x00\u202eb\ud800')", r"a\x1b[2J\x00\u202eb\ud800"),
    ("statement=5", "Expected a statement"),
    ("statement=lambda: None", "Expected a statement; got 'None'"),
    ("statement=lambda: 1 / 0", "ZeroDivisionError"),
    ("statement=1 / 0", "ZeroDivisionError"),
    ("statement=lambda: (lambda f: f(f))(lambda f: f(f))", "RecursionError"),
    ("statement=lambda: [][1]", "IndexError"),
    ("statement=lambda: exit(3)", "SystemExit"),
    ("statement=lambda: unknown", "NameError"),
    ("statement=unknown", "NameError"),
    ('statement=on("abs9x")', "Expected"),
    ("measure=lambda: Measurement(float('nan'), 'x')", "Expected True, False or None"),
    ("measure=lambda: 5", "Expected a measurement"),
    ("measure=7", "Expected a study"),
    ("measure=Study([], lambda: None)", "at least one"),
    ("measure=lambda: 1 / 0", "ZeroDivisionError"),
    ("", "gives 0 of statement"),
    ('opinion="a", unsettled="b"', "gives 2 of statement"),
    ('opinion="  "', "Expected a text for opinion"),
    ("opinion=5", "Expected a text for opinion"),
    ('statment=ForAll("", [], ["1 > 0"])', "statment"),
    ('statement=TRUE, repair=Repair("So.", lambda: set_at(ABS1, [[0, 0]], []))', "3 parameters"),
    ('statement=TRUE, repair=Repair("", TRUE)', "Expected a text for what a repair says"),
    ('statement=TRUE, repair="so"', "Expected Repair"),
    ('statement=TRUE, predicts="so"', "Expected Prediction"),
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a function that writes documents and audits them: (status, {id: claim}, what is on stderr)."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "proofs" / "audits"
    folder.mkdir(parents=True)

    def audited(capsys, **documents):
        for name, text in documents.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        capsys.readouterr()
        status = audit_and_report(Request(as_json=str(tmp_path / "out.json")))
        shown = capsys.readouterr()
        found = json.loads((tmp_path / "out.json").read_text())["writeups"]
        return status, {each["id"]: each for w in found for each in w["claims"]}, shown

    return audited


@pytest.mark.parametrize(("ground", "words"), BAD)
def test_one_bad_claim_is_one_error(project, capsys, ground, words):
    bad = f'    Claim("bad", "2", "Says so.", {ground}),'
    status, found, shown = project(capsys, my_doc=HEAD + bad + TAIL)
    assert status == MALFORMED
    assert {name: each["status"] for name, each in found.items()} == {
        "first": "proved",
        "bad": "error",
        "last": "refuted",
    }
    error = found["bad"]
    assert (error["file"], error["line"]) == ("proofs/audits/my_doc.py", LINE)
    assert words in error["message"] == error["reason"]
    assert (error["says"], error["where"], error["certificate"]) == ("Says so.", "2", None)
    assert error["message"].isprintable()
    assert f"Error in bad (proofs/audits/my_doc.py, line {LINE}): " in shown.err
    assert "Traceback" not in shown.out + shown.err
    assert "1 error" in shown.out


def test_a_definition_that_ends_is_one_error(project, capsys):
    definitions = "ENDED = fails(Bare)\nSTOPPED = fails(Mute)\n"
    bad = '    Claim("bad", "2", "Says so.", statement=ENDED),\n    Claim("worse", "2", "So.", statement=STOPPED),'
    status, found, _ = project(capsys, my_doc=HEAD.replace("CLAIMS = [", f"{definitions}CLAIMS = [") + bad + TAIL)
    assert status == MALFORMED
    assert [each["status"] for each in found.values()] == ["proved", "error", "error", "refuted"]
    assert "Mute: it cannot be shown" in found["worse"]["message"]


@pytest.mark.parametrize("ground", ["statement=fails(KeyboardInterrupt)", "statement=lambda: fails(KeyboardInterrupt)"])
def test_ctrl_c_stops(project, capsys, ground):
    status, found, _ = project(capsys, my_doc=HEAD + f'    Claim("bad", "2", "Says so.", {ground}),' + TAIL)
    assert (status, [*found]) == (130, ["first"] if "lambda" in ground else [])  # nothing is judged before all is read


def test_a_decimal_is_read_exactly_and_said_so(project, capsys):
    ground = 'statement=ForAll("x", ["3*x >= 4"], ["x > 1.3333"])'
    wrong = 'statement=ForAll("x", ["3*x >= 4"], ["x >= 1.33334"])'
    claims = f'    Claim("near", "2", "So.", {ground}),\n    Claim("off", "2", "So.", {wrong}),'
    _, found, _ = project(capsys, my_doc=HEAD + claims + TAIL)
    assert (found["near"]["status"], found["off"]["status"]) == ("proved", "refuted")
    assert "1.3333 is read as 13333/10000." in found["near"]["reason"]
    assert "1.33334 is read as 66667/50000." in found["off"]["reason"]


def test_several_documents_go_on_beside_one_that_cannot_be_read(project, capsys):
    good = HEAD + TAIL
    status, found, shown = project(
        capsys,
        my_doc=good,
        no_python="x = (",
        empty="X = 1",
        other_id="from stability.audit.vocabulary import *\n" + good,
    )
    assert status == MALFORMED
    assert "was never closed" in found["document"]["message"]
    assert (found["document"]["file"], found["document"]["line"]) == ("proofs/audits/no_python.py", 1)
    assert found["write-up"]["status"] == "error"
    assert found["first"]["status"] == "proved"
    assert "Expected the write-up 'other-id'; got 'my-doc'" in shown.err


MANY = textwrap.dedent("""
    from stability.audit.vocabulary import Claim, ForAll, Nope, Study, Writeup, number_of_sets, on
    from stability.audit.experiments import Experiment

    ABS1 = on("abs1")
    BAD = number_of_sets(ABS1, [("kind", "=", "sadle")], "=", 0)
    UNUSED = 1 / 0
    GONE = Experiment("gone", model="relux2")

    def made(k):
        if k == 2:
            raise KeyError("two")
        return Claim(f"made-{k}", "3", "It is made.", statement=ForAll("x", [], ["x == x"]))

    LEFT = [*(f"x >= {k}" for k in (1, 2)), *("x <= 3",)]
    RIGHT = ["2*x >= 2"]
    BOTH = [*LEFT, *RIGHT]

    FIRST = [
        Claim("formulas", "1", "Lists of formulas stay.", statement=ForAll("x", LEFT, BOTH)),
        Claim("uses-bad", "1", "Uses it.", statement=BAD),
        Claim("uses-gone", "1", "Uses it.", measure=Study([GONE], lambda m: m)),
        Claim("uses-nope", "1", "Uses it.", statement=lambda: Nope()),
        made(1),
        made(2),
        *(made(k) for k in (3, 2, 4)),
        5,
        Claim("twice", "1", "Taste.", opinion="Taste."),
        Claim("twice", "1", "Taste.", opinion="Taste."),
        Claim("../../evil", "1", "A path.", opinion="Taste."),
    ]
    SECOND = [made(k) for k in (7, 2)]
    LAST = [Claim("last", "1", "Taste.", opinion="Taste.")]
    WRITEUP = Writeup("my-doc", "Mine", [*FIRST, *SECOND, *THIRD, *LAST])
""")


def test_what_fails_around_claims_costs_what_uses_it_alone(project, capsys):
    status, found, _ = project(capsys, my_doc=MANY)
    assert status == MALFORMED
    fine = {name for name, each in found.items() if each["status"] != "error"}
    assert fine == {"formulas", "made-1", "made-3", "made-4", "twice", "last"}
    errors = {name: each["message"] for name, each in found.items() if name not in fine}
    number = {text.strip().split(" ")[0]: k for k, text in enumerate(MANY.splitlines(), 1)}
    assert f"BAD, which is used here, failed in line {number['BAD']}" in errors["uses-bad"]
    assert "Did you mean 'saddle'" in errors["uses-bad"]
    assert "Did you mean 'relu'" in errors["uses-gone"]
    assert "Nope" in errors["uses-nope"]
    assert "KeyError: 'two'" in errors["SECOND"]
    assert "THIRD" in errors["THIRD"]
    assert "ZeroDivisionError" in errors["UNUSED"]
    assert found["UNUSED"]["line"] == number["UNUSED"]
    assert any("Expected different ids of claims; got 'twice' again" in text for text in errors.values())
    assert any("Expected an id of a claim" in text for text in errors.values())
    assert any("Expected a claim; got '5'" in text for text in errors.values())
    assert sum("two" in text for text in errors.values()) == 3
    assert len(errors) == 11


def test_nothing_is_recorded_where_a_claim_is_an_error(project, capsys, tmp_path):
    bad = '    Claim("bad", "2", "Says so.", statement=5),'
    project(capsys, my_doc=HEAD + bad + TAIL)
    kept = tmp_path / "proofs" / "records" / "my-doc" / "bad.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    assert audit_and_report(Request(record=True)) == MALFORMED
    assert "Nothing was written" in capsys.readouterr().err
    assert kept.read_text() == "{}"


def test_the_own_documents_are_read_as_they_are_imported():
    """The guard changes neither claims nor their order, and every claim knows its file and its line."""
    from stability.audit.discovery import load

    for writeup in writeups():
        folder = proofs_folder() / "audits" / writeup.id.replace("-", "_")
        plain = load(folder / "document.py").WRITEUP
        assert [(c.id, c.where, c.says, c.kind, c.because) for c in writeup.claims] == [
            (c.id, c.where, c.says, c.kind, c.because) for c in plain.claims
        ]
        assert not [claim.id for claim in writeup.claims if "broken" in getattr(claim.statement, "__qualname__", "")]
        lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in folder.glob("*.py")}
        for claim in writeup.claims:
            name = claim.place.file.removeprefix(f"proofs/audits/{folder.name}/")
            assert name.startswith("section_")
            assert "Claim(" in lines[name][claim.place.line - 1]
        assert not writeup.faults()
        assert read(folder) is writeup


TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])


@pytest.mark.parametrize("id", ["", " ", "a b", "a/b", "../x", ".x", "-x", "ä", "a" * 101, 5, None, "a\n"])
def test_ids_are_names_of_files(id):
    for state in (lambda: Claim(id, "1", "So.", statement=TRUE), lambda: Writeup(id, "W", [Claim("a", "", "b", TRUE)])):
        with pytest.raises(StatementError, match="Expected an id"):
            state()


@pytest.mark.parametrize(
    "state",
    [
        lambda: Claim("a", "1", "", statement=TRUE),
        lambda: Claim("a", None, "So.", statement=TRUE),
        lambda: Claim("a", "1", "So.", statement="x > 0"),
        lambda: Claim("a", "1", "So.", measure=5),
        lambda: Claim("a", "1", "So.", opinion=["Taste."]),
        lambda: Claim("a", "1", "So.", statement=TRUE, repair=TRUE),
        lambda: Claim("a", "1", "So.", statement=TRUE, predicts=lambda: None),
        lambda: Writeup("a", "", [Claim("a", "1", "So.", statement=TRUE)]),
        lambda: Writeup("a", "A", []),
        lambda: Writeup("a", "A", [5]),
        lambda: Writeup("a", "A", "abc"),
        lambda: Repair("", TRUE),
        lambda: Repair("So.", "x > 0"),
        lambda: Verdict(Claim("a", "1", "So.", statement=TRUE), "proven", ""),
        lambda: Study([], lambda: None),
        lambda: Study("abc", lambda: None),
        lambda: Study([5], lambda m: m),
        lambda: Measurement("yes", "1 of 2"),
        lambda: Measurement(float("nan"), "1 of 2"),
        lambda: Measurement(True, ""),
        lambda: Prediction("So.", "abs1", "expected"),
        lambda: Prediction("", "abs1", lambda s, e: s),
        lambda: Prediction("So.", "abs1", lambda s, e: s, step=float("nan")),
        lambda: Prediction("So.", "abs1", lambda s, e: s, step=0),
        lambda: Prediction("So.", "abs1", lambda s, e: s, restarts=0),
        lambda: Prediction("So.", "abs1", lambda s, e: s, epochs=1.5),
    ],
)
def test_every_constructor_refuses_what_it_cannot_mean(state):
    with pytest.raises(StatementError):
        state()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../x"},
        {"model": "relux2"},
        {"data": "xorr"},
        {"loss": "summ"},
        {"init": "normall:0.5"},
        {"optimizer": "adamm"},
        {"lr": "fast"},
        {"epochs": 1.5},
        {"restarts": 0},
        {"seed": -1},
        {"stop_loss": float("nan")},
        {"patience": 0},
        {"dtype": "float16"},
        {"groups": {"all": 5}},
    ],
)
def test_an_experiment_refuses_settings_that_no_run_has(wrong):
    Experiment("fine")
    with pytest.raises(StabilityError):
        Experiment(**{"name": "fine", **wrong})


@pytest.mark.parametrize(("published", "of"), [(5, 4), (-1, 4), (1.5, 4), (float("nan"), 4), (0, 0), ("1", 4)])
def test_published_counts_are_counts(published, of):
    with pytest.raises(StatementError, match="whole number"):
        share(3, 10, published, of, "succeed")


START = [["1/2", "1/3", 1]]


@pytest.mark.parametrize(
    "condition",
    [
        ("los", "=", 1),
        ("loss", "==", 1),
        ("loss", "=", 0.5),
        ("loss", "=", "a"),
        ("signs", "=", ["+-0"]),
        ("signs", "=", ["+-0x"]),
        ("signs", "<", ["+-0+"]),
        ("signs", "=", "+-0+"),
        ("within", 0.1, START),
        ("within", "-1", START),
        ("within", 1, [["1/2", 0.5, 1]]),
        ("events", "=", [("crosing", 0, 0, 0, 1)]),
        ("events", "=", [("crossing", 1, 0, 0, 1)]),
        ("events", "=", [("crossing", 0, 4, 0, 1)]),
        ("events", "=", [("crossing", 0, 0, 2, 1)]),
        ("events", "=", [("crossing", 0, 0)]),
        ("loss", "="),
        "loss",
    ],
)
def test_conditions_on_a_trajectory_are_checked(condition):
    with pytest.raises(StatementError):
        flow_ends(landscape("abs1", "xor"), START, [condition])


def test_an_error_of_a_claim_made_in_python_has_no_place():
    verdict = settle(Claim("a", "1", "So.", statement=lambda: 1 / 0))
    assert (verdict.status, verdict.to_json()["file"]) == ("error", None)
    placed = Claim("a", "1", "So.", statement=lambda: 1 / 0, place=SourcePosition("x.py", 3))
    assert (settle(placed).to_json()["file"], settle(placed).to_json()["line"]) == ("x.py", 3)
