"""The checker in JavaScript agrees with the checker: on all records of the project, and on changed and forged ones."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from time import process_time

import pytest
from changed_records import campaign
from checked_layers import layer_campaign
from forged_records import honest
from javascript_checker import FOLDER, NODE, answers, disagreements, judged, needs_node
from large_records import BOMBS, LONG_LISTS

from stability.checker import checker

ROOT = Path(__file__).parents[2]


@cache
def records():
    """Return the texts of all records of the project."""
    files = sorted([*(ROOT / "proofs" / "records").rglob("*.json"), *(ROOT / "docs").glob("*.records/*.json")])
    return [file.read_text(encoding="utf-8") for file in files]


@cache
def attacks():
    return campaign()


@needs_node
def test_short_records_are_accepted():
    found = answers(sorted(records(), key=len)[:500])
    assert [answer["reason"] for answer in found if not answer["accepted"]] == []


@needs_node
def test_records_conclude_the_same():
    assert disagreements(sorted(records(), key=len)[::30]) == []


@needs_node
@pytest.mark.slow
def test_all_records_conclude_the_same():
    assert len(records()) > 700
    assert disagreements(records()) == []


@needs_node
def test_changed_records_are_judged_alike():
    assert disagreements(attacks()[::48]) == []


@needs_node
@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_what_is_accepted_though_changed_is_accepted_by_the_checker(every):
    """A check that is left out shows here: something is accepted that the checker rejects."""
    texts = attacks()[::every]
    pairs = zip(texts, answers(texts), strict=True)
    accepted = [(text, answer["conclusion"]) for text, answer in pairs if answer["accepted"]]
    assert len(accepted) > 500 / every
    assert [text[:2000] for text, conclusion in accepted if judged(text) != conclusion] == []


@cache
def layer_attacks():
    return list(dict.fromkeys(map(json.dumps, layer_campaign())))


@needs_node
def test_changed_records_on_output_layers_are_judged_alike():
    assert disagreements(layer_attacks()[::24]) == []


@needs_node
@pytest.mark.slow
def test_all_changed_records_on_output_layers_are_judged_alike():
    assert len(layer_attacks()) > 3000
    assert disagreements(layer_attacks()) == []


@needs_node
@pytest.mark.slow
def test_all_changed_records_are_judged_alike():
    assert len(attacks()) > 4000
    assert disagreements(attacks()) == []


@needs_node
@pytest.mark.slow
def test_the_proofs_in_the_tests_of_the_checker_are_judged_alike(tmp_path):
    """Whatever those tests check, and the proofs that they hand to parts of the checker, as records."""
    recorded, oracles = tmp_path / "recorded", ROOT / "tests" / "oracles"
    paths = os.pathsep.join([str(oracles), str(ROOT), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "recorded_proofs", "-p", "no:cacheprovider", "tests/checker"],
        env={**os.environ, "RECORDED": str(recorded), "PYTHONPATH": paths},
        cwd=ROOT,
        check=True,
    )
    texts = list(dict.fromkeys(map(json.loads, recorded.read_text(encoding="utf-8").splitlines())))
    assert len(texts) > 10_000
    assert disagreements(texts) == []


@needs_node
@pytest.mark.slow
def test_a_record_that_asks_for_much_is_judged_soon():
    records = [each for each in {**BOMBS, **LONG_LISTS}.values() if each is not LONG_LISTS["places"]]
    texts = [each if isinstance(each, str) else json.dumps(each) for each in records]
    found = answers(texts)
    accepted = [text for text, answer in zip(texts, found, strict=True) if answer["accepted"]]
    assert accepted == [json.dumps(LONG_LISTS[name]) for name in ("names", "uses of the last name")]
    assert max(answer["milliseconds"] for answer in found) < 20_000


@needs_node
def test_many_numbers_just_within_the_limit_are_read_soon():
    """Each of 4300 digits: a search for longer ones that starts anew at every digit takes a minute."""
    text = json.dumps({"format": ("9" * 4300 + "x") * 1500})
    (answer,) = answers([text])
    assert answer["milliseconds"] < 10_000
    began = process_time()
    assert judged(text) is None
    assert process_time() - began < 10


TEXTS = [
    "",
    "{",
    "nonsense",
    "[" * 100_000,
    '{"a":' * 100_000,
    "NaN",
    "[1e999]",
    "1" * 10_000,
    "null",
    '{"format": "\\ud800"}',
    '{"format": "stability-record/1"}',
    '{"format": "stability-record/1", "format": "stability-record/1"}',
    '\ufeff{"format": "stability-record/1"}',
    '{"format": "stability-record/1",}',
    '{"format": "stability-\trecord/1"}',
    "{'format': 1}",
]


@needs_node
def test_what_is_no_record_is_refused_with_a_reason():
    for text, answer in zip(TEXTS, answers(TEXTS), strict=True):
        assert not answer["accepted"], text
        assert answer["reason"].isascii()
        assert answer["reason"].isprintable()
        assert len(answer["reason"]) < 3000


@needs_node
@pytest.mark.parametrize("name", ["sums", "list", "flow"])
def test_an_altered_record_is_refused_by_its_fingerprint(name):
    record = {**honest()[name], "id": "0" * 20}
    (answer,) = answers([json.dumps(record)])
    assert answer["reason"] == "the fingerprint does not fit: the record was altered"


@needs_node
def test_files_are_checked_one_by_one(tmp_path):
    good, bad, none = (tmp_path / f"{name}.json" for name in ("good", "bad", "none"))
    good.write_text(json.dumps(honest()["sums"]))
    bad.write_text(json.dumps({**honest()["sums"], "conclusion": "refuted"}))
    command = [NODE, FOLDER / "run.mjs"]
    for paths, status, words in (
        ([good], 0, ["ok"]),
        ([good, bad], 1, ["ok", "FAIL"]),
        ([none, good], 2, ["ERROR", "ok"]),
        ([tmp_path], 1, ["FAIL", "ok"]),
    ):
        run = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
        assert (run.returncode, run.stderr) == (status, "")
        assert [line.split()[0] for line in run.stdout.splitlines()] == words


NO_RECORDS = dict.fromkeys(["", "{", "[]", "null", '{"id": "1"}', '{"format": 1}', "\ufeff{}"], "ERROR")
BAD_RECORDS = dict.fromkeys(
    ['{"format": "a"}', '{"format": "a", "format": "a"}', "[" * 500 + "]" * 500, '{"format": NaN}'], "FAIL"
)


@needs_node
@pytest.mark.parametrize(("content", "verdict"), (NO_RECORDS | BAD_RECORDS).items())
def test_both_checkers_part_what_is_no_record_from_a_bad_one(content, verdict, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(content, encoding="utf-8")
    run = subprocess.run([NODE, FOLDER / "run.mjs", path], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.split()[0], run.stderr) == ({"ERROR": 2, "FAIL": 1}[verdict], verdict, "")
    assert [each for each, _, _ in checker.judged([str(path)])] == [verdict]


@needs_node
def test_a_reason_shows_nothing_but_visible_letters():
    for strange in ("\u202e", "\x1b[31m", "</script>\n", "\ud83d\ude00"):
        (answer,) = answers([json.dumps({**honest()["sums"], "conclusion": strange * 200})])
        assert not answer["accepted"]
        assert answer["reason"].isascii()
        assert answer["reason"].isprintable()


# The files


SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js"))}
IMPORT = re.compile(r'import \{ [\w, ]+ \} from "\./(\w+\.js)";')
TOP = re.compile(r"(?:export )?(?:async )?(?:function|class|const|let|var) (\w+)")


def code_of(text):
    """Return a script without its comments."""
    return re.sub(r"^\s*//.*$|/\*\*.*?\*/", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_short_and_imports_its_neighbours_only(name):
    lines = SCRIPTS[name].splitlines()
    assert len(lines) <= 500
    assert max(map(len, lines)) <= 120
    for line in lines:
        if re.match(r"\s*import\b", line):
            assert IMPORT.fullmatch(line), line
            assert IMPORT.fullmatch(line)[1] in SCRIPTS
    assert "import(" not in SCRIPTS[name]


FORBIDDEN = ("document", "window", "globalThis", "self", "eval", "Function", "fetch", "require", "process", "node:")
FORBIDDEN += ("XMLHttpRequest", "WebSocket", "Worker", "navigator", "localStorage", "setTimeout", "console")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_touches_neither_page_nor_network(name):
    for word in FORBIDDEN:
        assert not re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", code_of(SCRIPTS[name])), word


def test_no_name_at_the_top_of_a_script_stands_in_another():
    """So that a page can hold all scripts one after the other, without their imports and exports."""
    lines = [line for text in SCRIPTS.values() for line in text.splitlines()]
    names = [found[1] for found in map(TOP.match, lines) if found]
    assert len(names) > 50
    assert len(names) == len(set(names))
    exports = [line for line in lines if line.startswith("export")]
    assert all(re.match(r"export (function|const|class) \w", line) for line in exports)


def in_order(name, found):
    """Append a script to a list, after all scripts that it imports."""
    for other in IMPORT.findall(SCRIPTS[name]):
        if other not in found:
            in_order(other, found)
    if name not in found:
        found.append(name)
    return found


@needs_node
def test_the_scripts_one_after_the_other_are_the_checker_too(tmp_path):
    found = in_order("checker.js", [])
    assert sorted(found) == sorted(SCRIPTS)
    lines = [line for name in found for line in SCRIPTS[name].splitlines() if not line.startswith("import ")]
    whole = "\n".join(line.removeprefix("export ") for line in lines)
    (tmp_path / "record.json").write_text(json.dumps(honest()["sums"]))
    ask = 'process.stdout.write(check(require("node:fs").readFileSync(process.argv[1], "utf8")).conclusion);'
    (tmp_path / "whole.js").write_text(f'"use strict";\n{whole}\n{ask.replace("[1]", "[2]")}')
    run = subprocess.run(
        [NODE, tmp_path / "whole.js", tmp_path / "record.json"], capture_output=True, text=True, check=False
    )
    assert run.stdout == checker.check(honest()["sums"]), run.stderr
