"""Docstrings open with statements, class names mean one thing, and retired words are no identifiers."""

import ast
import io
import re
import tokenize
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "stability").rglob("*.py"))


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(ROOT / "stability")): ast.parse(path.read_text()) for path in SOURCES}


def questions(tree: ast.Module) -> list[str]:
    """Names of the modules, classes and functions whose docstring opens with a question."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            opening = (ast.get_docstring(node) or "").split("\n\n")[0].split(". ")[0]
            if "? " in opening + " " or "?\n" in opening:
                found.append(getattr(node, "name", "the module"))
    return found


def test_docstrings_open_with_statements(trees: dict[str, ast.Module]) -> None:
    asking = {name: questions(tree) for name, tree in trees.items()}
    assert not {name: found for name, found in asking.items() if found}


@pytest.mark.parametrize("text", ['"""So?"""', 'def f():\n    """Is it\n    so? Yes."""', 'class A:\n    """So?"""'])
def test_a_question_is_found(text: str) -> None:
    assert questions(ast.parse(text))


def test_a_class_name_means_one_thing(trees: dict[str, ast.Module]) -> None:
    kept = [tree for name, tree in trees.items() if Path(name).parts[0] != "checker"]
    count = Counter(node.name for tree in kept for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert [name for name, number in count.items() if number > 1] == []


RETIRED = {
    "told": "format, report",
    "tell": "format, report",
    "tells": "format, report",
    "telling": "format, report",
    "sight": "introspection",
    "sights": "introspection",
    "watch": "introspection, monitor",
    "watches": "introspection, monitor",
    "watched": "introspection, monitor",
    "watching": "introspection, monitor",
    "heal": "intervention",
    "heals": "intervention",
    "healed": "recovered",
    "healing": "intervention",
    "cured": "recovered",
    "sick": "affected",
    "herd": "batch",
    "swarm": "batch",
    "wish": "condition, negative loss gradient by pre-activation",
    "wishes": "negative loss gradient by pre-activation",
    "want": "condition, negative loss gradient by pre-activation",
    "wants": "negative loss gradient by pre-activation",
    "rung": "escalation level",
    "rungs": "escalation levels",
    "ladder": "escalation levels",
    "walk": "event tracking",
    "walks": "event tracking",
    "walker": "event tracking",
    "walking": "event tracking",
    "turning": "Filippov face selection, rotating",
    "lasting": "invariance, persistent",
    "endings": "limits, suffixes",
    "surroundings": "local attraction",
    "route": "certificate search",
    "routes": "certificate search",
    "scene": "parametric face",
    "scenes": "parametric faces",
    "stretch": "stratum, expansion",
    "stretches": "strata",
    "stretching": "scaling",
    "story": "diagram, summary",
    "stories": "diagrams, summaries",
    "histories": "parameter sweep",
    "pull": "gradient, subgradient",
    "pulls": "gradient, subgradient",
    "pulled": "gradient, subgradient",
    "push": "separating direction, gradient of a penalty",
    "pushes": "separating direction, gradient of a penalty",
    "pushed": "separating direction, gradient of a penalty",
    "pushing": "separating direction, gradient of a penalty",
    "laboratory": "result store",
    "laboratories": "result stores",
    "lab": "result store",
    "tally": "count",
    "tallies": "counts",
    "taxonomy": "fixed-point types",
    "blind": "not seeing",
    "blindness": "not seeing",
    "bears out": "confirms",
    "bear out": "confirm",
    "borne out": "confirmed",
    "dead point": "dead example",
    "dead points": "dead examples",
}
"""Words of the first house, with what they are called now."""

KEYS = {
    "told": ["stability/dynamics/bifurcation/text.py"],
    "turning": ["stability/symbolic/angle_cases.py"],
    "walk": ["tests/checker/test_files.py"],
    "rung": ["stability/training/control/log.py"],
    "push": ["stability/logic/", "stability/geometry/stationary/senses.py", "tests/logic/"],
    "heal": ["stability/cli/application.py", "tests/cli/test_contract.py"],
}
"""Keys of JSON, of records and of the command line that readers depend on, by the files that write or read them."""

ENGLISH = (".push(", "colour-blind", "walk_packages", "ast.walk", "os.walk")
"""Ordinary English, and names of the standard library and of JavaScript."""

FOLDERS = ("stability", "proofs", "tests", "figures", "benchmarks")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("docs/how-to/*.md"),
    *ROOT.glob("docs/theory/*.md"),
]


def parts(name: str) -> list[str]:
    """Return the words of an identifier in snake case or camel case, in lower case."""
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def identifiers(tree: ast.AST) -> set[str]:
    """Return all names of a tree, also those inside f-strings; attributes of names with what they belong to."""
    found: set[str] = set()
    for node in ast.walk(tree):
        fields = ("name", "id", "arg", "asname", "module", "rest")
        found |= {value for field in fields if isinstance(value := getattr(node, field, None), str)}
        if isinstance(node, ast.Attribute):
            found.add(f"{node.value.id}.{node.attr}" if isinstance(node.value, ast.Name) else node.attr)
    return found


def texts(source: str, tree: ast.AST, literals: bool) -> list[str]:
    """Return comments and docstrings, and all other literals too if that is asked for."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    return [*comments, *(strings if literals else (ast.get_docstring(block) or "" for block in blocks))]


def retired(text: str) -> set[str]:
    """Return the retired words of an identifier or of prose."""
    for word in ENGLISH:
        text = text.replace(word, "")
    words = parts(text)
    return {*words, *map(" ".join, pairwise(words))} & RETIRED.keys()


ESCAPED = re.compile(r"\\[a-z]")
"""What is one letter in a literal; what follows is a word of its own."""


def may_have_retired(source: str) -> bool:
    """Return whether any name or prose of a source could have a retired word, without parsing it."""
    words = parts(ESCAPED.sub(" ", source))
    return not RETIRED.keys().isdisjoint({*words, *map(" ".join, pairwise(words))})


def quotes_claims(path: str) -> bool:
    """Return whether literals of a file quote claims, their ids, or keys of records and measured results."""
    return path.startswith(("proofs/audits/", "tests/proofs/", "proofs/theorems/half_of_the_starts_are_blind.py"))


def allowed(word: str, path: str) -> bool:
    return path.startswith(tuple(KEYS.get(word, ("?",))))


def said(path: Path) -> list[str]:
    """Return the identifiers and the prose of a file; its name too, unless records are named after it."""
    source, literals = path.read_text(encoding="utf-8"), not quotes_claims(str(path.relative_to(ROOT)))
    name = [path.stem] if literals else []
    if not may_have_retired(source):
        return name
    tree = ast.parse(source)
    return [*identifiers(tree), *texts(source, tree, literals), *name]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_identifier_and_no_prose_has_a_retired_word(folder: str) -> None:
    found = []
    for path in set((ROOT / folder).rglob("*.py")) - {Path(__file__)}:
        short = str(path.relative_to(ROOT))
        for text in said(path):
            words = [word for word in retired(text) if not allowed(word, short)]
            found += [f"{short}: say {RETIRED[word]} for {word} in {text[:60]!r}" for word in words]
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_no_page_has_a_retired_word(path: Path) -> None:
    found = [(k, word) for k, line in enumerate(path.read_text().splitlines(), 1) for word in retired(line)]
    assert not found, [f"line {k}: say {RETIRED[word]} for {word}" for k, word in found]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("told_events", {"told"}),
        ("LABORATORY", {"laboratory"}),
        ("EventWatch", {"watch"}),
        ("training bears out the claim", {"bears out"}),
        ("ast.walk", set()),
        ("colour-blind readers", set()),
        ("returning a satellite", set()),
    ],
)
def test_retired_words_are_found_inside_names(text: str, words: set[str]) -> None:
    assert retired(text) == words


@pytest.mark.parametrize(
    "source",
    ["story = 1", "a.push", 'f"{herd}"', '"one\\nwalk"', "# Bears\n# out.", "class EventWatch: ...", "ast.walk(story)"],
)
def test_what_may_have_a_retired_word_is_parsed(source: str) -> None:
    assert may_have_retired(f"x = 0\n{source}\n")
    assert not may_have_retired("def labels(pushy): ...")


def test_names_inside_f_strings_and_of_attributes_are_found() -> None:
    assert identifiers(ast.parse('f"{story.events} {a(story=1).push}"')) >= {"story.events", "story", "push"}


def test_every_exception_is_used() -> None:
    for word, places in KEYS.items():
        for place in places:
            files = [ROOT / place] if place.endswith(".py") else [*(ROOT / place).rglob("*.py")]
            assert any(word in parts(path.read_text()) for path in files), (word, place)
