"""Records of some hundred bytes take neither minutes nor gigabytes, and what is no file of a record is one sentence."""

import json
import os
import resource
import stat
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from forged_records import KINK, changed, flow_record, honest, once_across, sealed, verdict
from large_records import ABC, BOMBS, LONG_LISTS, atlas_of, claim
from paths import ROOT

from stability import landscape
from stability.checker import checker, limits
from stability.dynamics.flow.statements import certify
from stability.geometry.atlas.statements import number_of_sets
from stability.logic.records import prove
from stability.logic.statements import ForAll
from stability.model.datasets import Dataset

PATH = Path(checker.__file__)
SECONDS, MEMORY = 10, 500 * 2**20


def alone(*arguments, memory=MEMORY):
    """Run the checker by itself with little memory; return the run and how many seconds it computed."""

    def bound():
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    begin = computed()
    command = [sys.executable, "-I", "-S", str(PATH), *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, preexec_fn=bound, timeout=60, check=False)
    return run, computed() - begin


def computed():
    """Return the seconds that processes started here have computed, however busy the machine is."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_work_is_only_ever_counted_up(monkeypatch):
    """No step of any checker gives work back, so that what is left is never more than at the start."""
    meter, spent = checker.limits.Meter, []
    count = meter.spend

    def spend(self, steps, *more, **named):
        spent.append((steps, more, named))
        count(self, steps, *more, **named)

    monkeypatch.setattr(meter, "spend", spend)
    relu2, line = landscape("relu2", "xor"), Dataset("line", [[0], [1], [2], [1]], [0, 1, 0, 0])
    records = [
        prove(number_of_sets(landscape("abs1", "xor"), [], ">", 0)).record,
        prove(number_of_sets(landscape("relu2", line), [], ">", 0)).record,
        certify(relu2, [[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]]).record,
        prove(ForAll("x y", ["x >= 0", "y >= x"], ["(x + y)**2 >= 4*x*y"])).record,
    ]
    for record in records:
        spent.clear()
        checker.check(record)
        assert len(spent) > 10
        assert min(spent, key=lambda each: each[0])[0] >= 0


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_rejected_soon_with_little_memory(name, tmp_path):
    file = tmp_path / "bomb.json"
    file.write_text(BOMBS[name] if isinstance(BOMBS[name], str) else json.dumps(BOMBS[name]))
    run, seconds = alone(file)
    assert run.returncode in (1, 2)
    assert not run.stderr
    assert "MemoryError" not in run.stdout
    assert seconds < SECONDS


@pytest.mark.parametrize("name", ["a tower of powers", "a power of a polynomial", "units in every order"])
def test_the_limit_is_named(name):
    assert "beyond a limit of the checker: at most" in verdict(BOMBS[name])


@pytest.mark.parametrize("units", [1, 2, 3, 6])
def test_a_few_units_are_no_bomb(units):
    assert verdict(atlas_of(units)) is None


def test_patience_allows_more():
    record = claim("(a + b + c)**64 - (a + b + c)**64 >= 0", names=ABC)
    with pytest.raises(checker.Rejected, match="--patience 10"):
        checker.check(record)
    assert checker.check(record, patience=9)


def test_high_powers_and_quotients_of_numbers_are_read():
    for text in ("2**100 > 2**99", "x**40 - x**20*x**20 == 0", "x/2 + x/(1 + 1) - x == 0", "(x + 1)**0 == 1"):
        assert verdict(claim(text, names=["x"])) is None
    for text in ("1/x > 0", "1/(x - x) > 0", "x/0 > 0"):
        assert "divided by" in verdict(claim(text, names=["x"]))


@pytest.mark.parametrize("name", LONG_LISTS)
def test_long_lists_are_read_once(name, tmp_path):
    file = tmp_path / "long.json"
    file.write_text(LONG_LISTS[name] if isinstance(LONG_LISTS[name], str) else json.dumps(LONG_LISTS[name]))
    run, seconds = alone(file)
    assert not run.stderr
    assert run.returncode == (0 if name in ("names", "uses of the last name") else 1)
    assert seconds < SECONDS


def test_work_on_many_held_kinks_is_counted():
    """Numbers grow during elimination, and the steps on them with their bits."""
    matrix = [[Fraction(97 * (i == k) * 40 + (i + k) % 7, 1 + (i * k) % 3) for k in range(40)] for i in range(40)]
    counted = []
    checker.part("flow_faces").inverse(matrix, lambda steps, bits: counted.append((steps, bits)))
    assert sum(steps for steps, _ in counted) == 8 * 40**3
    assert max(bits for _, bits in counted) > 512


def test_a_time_beyond_floats_is_named():
    tiny = "0." + "0" * 249 + "1"
    record = flow_record([["1"]], ["-1"], [["1", "1"]], ["1" + "0" * 330], [])
    record["landscapes"]["L"]["slopes"] = {"-": tiny, "0": "0", "+": tiny}
    assert verdict(sealed(record)) == "unit 1 may meet a kink at a time beyond 2^1095"
    assert checker.part("flow_replay").when(Fraction(1, 4)) == "time 0.25"


# Files


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 5000 + "/b.json", "a\0b"])
def test_a_name_that_no_file_has_is_one_sentence(name, tmp_path, capsys):
    assert checker.main([str(good(tmp_path)), str(tmp_path / name), str(good(tmp_path))]) == 2
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == ["ok", "ERROR", "ok", "2"]
    assert out.isascii()


def lines(run):
    return run.stdout.splitlines()


def good(folder, name="good.json"):
    file = folder / name
    file.write_text(json.dumps(honest()["sums"]))
    return file


@pytest.fixture(
    params=["missing", "not utf-8", "not json", "no record", "empty", "pipe", "device", "huge", "null", "bare"]
)
def bad(request, tmp_path):
    file = tmp_path / "bad.json"
    if request.param == "pipe":
        os.mkfifo(file)
    elif request.param == "device":
        return Path("/dev/zero")
    elif request.param == "huge":
        with open(file, "wb") as sparse:
            sparse.truncate(2**30)
    elif request.param == "bare":
        file = tmp_path / "bare"
        file.mkdir()
    elif request.param != "missing":
        texts = {
            "not utf-8": b'{"format": "\xff"}',
            "not json": b"{",
            "no record": b"[]",
            "empty": b"",
            "null": b"null",
        }
        file.write_bytes(texts[request.param])
    return file


def test_what_is_no_record_is_one_sentence_and_the_others_are_checked(bad, tmp_path):
    run, seconds = alone(good(tmp_path, "a.json"), bad, good(tmp_path, "b.json"), memory=MEMORY)
    assert run.returncode == 2
    assert not run.stderr
    assert [line.split()[0] for line in lines(run)] == ["ok", "ERROR", "ok", "2"]
    assert "expected" in lines(run)[1]
    assert seconds < SECONDS


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_or_folder_is_one_sentence(tmp_path):
    file = good(tmp_path)
    file.chmod(0)
    run, _ = alone(file)
    assert run.returncode == 2
    assert "Permission denied" in run.stdout
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_what_the_system_refuses_to_open_is_one_sentence(tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    file = good(tmp_path)
    monkeypatch.setattr(checker.files.os, "open", refuse)
    assert checker.main([str(file)]) == 2
    assert "Permission denied" in capsys.readouterr().out


def test_a_rejected_record_beside_a_missing_file(tmp_path, capsys):
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({**honest()["sums"], "conclusion": "refuted"}))
    assert checker.main([str(wrong)]) == 1
    assert checker.main([str(wrong), str(tmp_path / "none.json")]) == 2
    out = capsys.readouterr().out
    assert "1 rejected, 1 not read" in out
    assert "Rejected:" not in out
    assert "altered" in out


def test_a_folder_is_searched_and_pipes_in_it_are_no_records(tmp_path):
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    good(tmp_path / "in" / "deeper")
    os.mkfifo(tmp_path / "in" / "pipe.json")
    (tmp_path / "in" / "folder.json").mkdir()
    run, _ = alone(tmp_path)
    assert run.returncode == 2
    assert [line.split()[0] for line in lines(run)] == ["ok", "ERROR", "1"]


@pytest.mark.parametrize("bad", [["--patience"], ["--patience", "0"], ["--patience", "x"], ["--patience", "1e9"]])
def test_a_patience_that_is_no_number_is_refused(bad):
    run, _ = alone(*bad)
    assert run.returncode == 2
    assert not run.stderr


# What is printed

STRANGE = [
    "a\nok    lie: proved: P",
    "\x1b[2Kok",
    "\u202egnp.exe",
    "\u200b",
    "e\u0301",
    "\u3164",
    "\x7f",
    "\x9b31m",
    "a\rb",
]


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("content", ["good", "bad"])
def test_names_of_files_are_escaped(name, content, tmp_path):
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(honest()["sums"]) if content == "good" else "{")
    run, _ = alone(file)
    assert len(lines(run)) == 2
    for line in lines(run):
        assert line.isascii()
        assert line.isprintable()
    assert '"' in lines(run)[0]


def test_bytes_in_a_name_that_are_no_text_are_escaped(tmp_path):
    file = os.fsencode(tmp_path) + b"/\xff\xfe.json"
    with open(file, "w") as out:
        out.write(json.dumps(honest()["sums"]))
    run, _ = alone(os.fsdecode(file))
    assert run.returncode == 0
    assert "\\udcff" in run.stdout


@pytest.mark.parametrize("text", ["\x1b[31m", "x\ny", "\u202e", "\ud800", "a" * 10_000])
def test_reasons_are_short_and_printable(text):
    for path in (("conclusion",), ("format",), ("statement", "then", 0, 0), ("statement", "for all", 0), ("id",)):
        reason = verdict(changed(honest()["sums"], path, text) if path != ("id",) else {**honest()["sums"], "id": text})
        assert len(reason) < 500
        assert reason.isprintable()
        assert reason.isascii()


def test_long_numbers_are_shortened_when_they_are_printed(tmp_path, capsys):
    number = "1234567890" * 9
    record = claim(f"L.loss([{number}, {number}1/7]) > {number}", {**KINK, "labels": [number]})
    file = tmp_path / "long.json"
    file.write_text(json.dumps(record))
    assert checker.main([str(file)]) == 0
    out = capsys.readouterr().out
    assert number not in out
    assert "12345678901234567890...12345678901234567890 (90 digits)" in out
    assert number in checker.check(record)
    assert checker.text.short("7" * 60) == "7" * 60


def test_every_limit_is_documented():
    page = (ROOT / "docs" / "certificates.md").read_text()
    for name, value in vars(checker.limits).items():
        if name.isupper() and isinstance(value, int):
            assert f"{value:,}" in page or f"{value >> 20} MB" in page, name


def test_the_steps_of_a_trajectory_are_few():
    """The limit is far above what a true record needs."""
    meters = []

    class Meter(checker.limits.Meter):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            meters.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checker.limits, "Meter", Meter)
        checker.check(once_across())
    assert 0 < meters[0].total - meters[0].left < 0.05 * meters[0].total


# Numbers and work


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", Fraction(0)),
        ("-0", Fraction(0)),
        ("3", Fraction(3)),
        ("-3/4", Fraction(-3, 4)),
        ("6/4", Fraction(3, 2)),
        ("0.25", Fraction(1, 4)),
        ("-10.050", Fraction(-201, 20)),
        ("1" * limits.DIGITS, Fraction(10**limits.DIGITS - 1, 9)),
        ("1" * limits.DIGITS + "/" + "1" * limits.DIGITS, Fraction(1)),
    ],
)
def test_exact_numbers(text, number):
    assert limits.exact(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *["", " 1", "1 ", "1\n", "+1", "01", "-", "1/0", "1/02", "1/-2", "1/2/3", "1.", ".5", "1e3", "1.5/2", "1_0"],
        *["\u0661", "nan", "inf", 1, 1.0, True, None, ["1"], b"1"],
    ],
)
def test_what_is_no_exact_number(text):
    with pytest.raises(limits.Rejected, match=r"expected a number as text, like '3', '-3/4' or '0\.25'; got"):
        limits.exact(text)


def test_numbers_have_so_many_digits():
    for text in ("1" * (limits.DIGITS + 1), "1/" + "1" * (limits.DIGITS + 1), "0." + "1" * (limits.DIGITS - 1)):
        with pytest.raises(limits.Rejected, match="at most 4,300 digits of a number"):
            limits.exact(text)


def test_what_is_needed_and_what_is_within_a_limit():
    limits.need(True, "never")
    limits.need([0], "never")
    for missing in (False, None, [], 0):
        with pytest.raises(limits.Rejected, match=r"^a reason$"):
            limits.need(missing, "a reason")
    limits.within(7, 7, "things")
    limits.within(-9, 7, "things")
    with pytest.raises(limits.Rejected, match=r"^beyond a limit of the checker: at most 7,000 things$"):
        limits.within(7001, 7000, "things")


@pytest.mark.parametrize(
    ("size", "rate", "patience", "total"),
    [
        (0, 50, 1, 1_200_000),
        (2_048, 50, 1, 1_200_000),
        (2_049, 50, 1, 1_200_050),
        (3_048, 50, 1, 1_250_000),
        (3_048, 50, 3, 3_750_000),
        (0, 3_000, 10, 12_000_000),
    ],
)
def test_the_work_that_a_record_may_ask_for(size, rate, patience, total):
    meter = limits.Meter(size, rate, patience)
    assert meter.total == meter.left == total
    assert meter.size == size
    assert limits.Meter(size, rate).total == limits.Meter(size, rate, 1).total


def test_work_is_spent_to_the_last_step():
    meter = limits.Meter(0, 0)
    meter.spend(meter.total - 10)
    assert meter.left == 10
    meter.spend(4, 511)
    assert meter.left == 6
    meter.spend(2, 1024)
    assert meter.left == 0
    meter.spend(0)
    with pytest.raises(limits.Rejected) as problem:
        meter.spend(1, what="the last straw")
    assert str(problem.value) == (
        "beyond a limit of the checker: at most 1,200,000 steps for a record of 0 characters, "
        "reached at the last straw (--patience 10 allows more)"
    )


def test_work_on_numbers_that_are_too_long_is_not_begun():
    meter = limits.Meter(0, 0)
    meter.spend(1, limits.BITS)
    assert meter.total - meter.left == 1 + 195
    with pytest.raises(limits.Rejected, match="at most 100,000 bits of a number that is computed"):
        meter.spend(0, limits.BITS + 1)
    assert meter.total - meter.left == 1 + 195


def test_the_limits_are_those_of_today():
    """A smaller one rejects records that were accepted."""
    assert (limits.FILE_BYTES, limits.LISTS, limits.VALUES, limits.DEPTH) == (67_108_864, 4_000_000, 40_000_000, 400)
    assert (limits.DIGITS, limits.BITS, limits.NAME, limits.UNITS, limits.PARTS) == (4_300, 100_000, 80, 1_000, 40)
    assert (limits.FORMULA, limits.NESTING, limits.EXPONENT, limits.TERMS) == (200_000, 80, 1_000, 50_000)
