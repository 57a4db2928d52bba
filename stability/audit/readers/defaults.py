"""What the front matter of a document says for all of its claims, and the landscapes that claims name."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from stability.audit.readers.blocks import DocumentError
from stability.errors import DataError, StabilityError, nearest
from stability.geometry.atlas.conditions import ATTRIBUTES
from stability.landscapes import Landscape, landscape
from stability.logic.formulas import PIECEWISE, short
from stability.logic.landscape_functions import WORDS
from stability.logic.scopes import is_name
from stability.model.csv_data import read_csv
from stability.model.datasets import DATASETS, Dataset, dataset
from stability.model.network_loss import LOSSES

KEYS = {
    "on": "the landscapes of claims that name none",
    "loss": "sum or mean",
    "data": "datasets by name: a CSV file in the document's folder, or points and labels",
    "examples": "the number of the first example, 0 or 1",
    "title": "the title",
}
"""What the front matter may say, at its top or below `stability:`."""

TAKEN = {*WORDS, *PIECEWISE, *ATTRIBUTES, "p", "sqrt", "angle", "pi", "dot", "at", "then", "given", "sets", "set"}
"""What no landscape is called, since documents mean something else by it."""

DEEPEST = 40
"""Levels of the front matter, also of what is in it for others: the parser of YAML takes time by their square."""

LARGEST = 200_000
"""Characters of the front matter."""

LARGEST_DATA = 2**20
"""Bytes of a dataset."""


def read_defaults(text: str, line: int) -> dict[str, Any]:
    """Return what the front matter says for claims; everything in it that is for others is left alone.

    Raises
    ------
    DocumentError
        If it is no YAML, or says something else for claims than is known.
    """
    if len(text) > LARGEST:
        raise DocumentError(f"Expected front matter of at most {LARGEST:,} characters; got {len(text):,}.", "Cut it.")
    try:
        _require_flat(text, line)
        found = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        said = getattr(problem, "problem", None) or "it is no YAML"
        raise DocumentError(
            f"Cannot read the front matter: {said}.", "Write name: value.", line + (mark.line if mark else 0)
        ) from None
    if found is None or not isinstance(found, dict):
        return {}
    own = found.get("stability", {})
    if own not in ("", {}) and not isinstance(own, dict):
        raise DocumentError(f"Expected names and values below stability:; got {short(own)}.", "Write on: ...", line)
    return _checked({**{key: found[key] for key in KEYS if key in found}, **(own or {})}, text, line)


def _require_flat(text: str, line: int) -> None:
    """Raise DocumentError if YAML has aliases, or too many levels; read no further than there."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise DocumentError("Expected front matter without aliases (*name).", "Write values out.", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            problem = f"Expected front matter of at most {DEEPEST} levels; got more."
            raise DocumentError(problem, "Write it flat.", line + getattr(event.start_mark, "line", 0))


def _checked(found: dict[str, Any], text: str, line: int) -> dict[str, Any]:
    rows = text.split("\n")

    def place(key: str) -> int:
        return line + next((k for k, row in enumerate(rows) if row.strip().startswith(f"{key}:")), 0)

    for key, value in found.items():
        if key not in KEYS:
            raise DocumentError(f"Expected a default of claims; got {key!r}.", nearest(key, list(KEYS)), place(key))
        if key == "loss" and value not in LOSSES:
            raise DocumentError(
                f"Expected {' or '.join(LOSSES)} as loss; got {short(value)}.", "Write loss: mean.", place(key)
            )
        if key == "examples" and value not in ("0", "1"):
            raise DocumentError(
                f"Expected 0 or 1 as the number of the first example; got {short(value)}.",
                "Write examples: 1.",
                place(key),
            )
        if key == "data" and not isinstance(value, dict):
            raise DocumentError(
                f"Expected datasets by name; got {short(value)}.",
                "Write data: and below it mine: data.csv.",
                place(key),
            )
        if key in ("on", "title") and not isinstance(value, str):
            raise DocumentError(f"Expected a text for {key}; got {short(value)}.", "Write on: abs1 xor.", place(key))
    return found


@dataclass
class DocumentContext:
    """What claims of a document may name: its folder, its defaults, and the datasets read so far.

    Parameters
    ----------
    folder : Path
        No file outside it is read.
    defaults : dict
        As `read_defaults` returns them.

    Attributes
    ----------
    used : set of str
        The datasets for which the block that is read has asked.
    """

    folder: Path
    defaults: Mapping[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set, init=False)
    _data: dict[str, Dataset] = field(default_factory=dict, init=False)

    @property
    def first_example(self) -> int:
        """The number of the first example."""
        return int(self.defaults.get("examples", "0"))

    def landscapes(self, text: str, line: int, column: int = 1) -> dict[str, Landscape]:
        """Return the landscapes of `:on:` by name; a single one without a name is called L.

        Raises
        ------
        DocumentError
            If one cannot be read.
        """
        found: dict[str, Landscape] = {}
        text = text or str(self.defaults.get("on", ""))
        for part in (each for each in text.split(";") if each.strip()):
            name, _equals, words = part.partition("=") if "=" in part else ("L", "", part)
            name = name.strip()
            try:
                if not is_name(name) or name in found:
                    raise StabilityError(
                        f"Expected different names of landscapes; got {short(name)}.", "Write L = abs1 xor mean."
                    )
                if name in TAKEN:
                    raise StabilityError(
                        f"Expected another name of a landscape than {name}, a word of the language.",
                        "Write L = abs1 xor mean.",
                    )
                found[name] = self._landscape(words.split())
            except DocumentError:
                raise
            except StabilityError as problem:
                raise DocumentError(problem.problem, problem.remedy, line, column) from None
        return found

    def _landscape(self, words: list[str]) -> Landscape:
        if len(words) not in (2, 3):
            raise StabilityError(
                f"Expected MODEL DATA or MODEL DATA LOSS; got {short(' '.join(words))}.", "Write abs1 xor mean."
            )
        loss = words[2] if len(words) == 3 else str(self.defaults.get("loss", "sum"))
        return landscape(words[0], self.dataset(words[1]), loss)

    def dataset(self, word: str) -> Dataset:
        """Return a dataset: of the front matter, of the package, or a CSV file below the folder of the document.

        Raises
        ------
        StabilityError
            If there is none of this name, or the file lies elsewhere.
        """
        if word not in self._data:
            self._data[word] = self._read(word)
        self.used.add(word)
        return self._data[word]

    def _read(self, word: str) -> Dataset:
        own = self.defaults.get("data", {})
        if isinstance(own, dict) and word in own:
            value = own[word]
            return self._file(word, value) if isinstance(value, str) else _inline(word, value)
        if word.split(":")[0] in DATASETS:
            return dataset(word)
        if word.lower().endswith(".csv") or "/" in word:
            return self._file(word, word)
        raise DataError(
            f"Expected a dataset; got {short(word)}.",
            nearest(word, [*DATASETS, *(own if isinstance(own, dict) else ())]),
        )

    def _file(self, name: str, path: str) -> Dataset:
        """Return the dataset in a CSV file that lies, links followed, below the folder of the document."""
        folder = self.folder.resolve()
        place = (folder / path).resolve()
        if not place.is_relative_to(folder) or "\0" in path:
            raise DataError(
                f"Expected a file in the folder of the document; got {short(path)}.", "Copy it beside the document."
            )
        if place.is_file() and place.stat().st_size > LARGEST_DATA:
            raise DataError(f"Expected a CSV file of at most {LARGEST_DATA // 2**20} MB; got {short(path)}.", "Cut it.")
        try:
            points, labels = read_csv(str(place))
        except DataError as problem:
            said = problem.problem.replace(repr(str(place)), repr(path)).replace(str(place), path)
            raise type(problem)(said, problem.remedy) from None
        return Dataset(name, tuple(map(tuple, points)), label_rows=tuple(map(tuple, labels)))

    def fingerprint(self, words: str) -> str:
        """Return what a verdict depends on beside the block: defaults, and data that it used or names after `:on:`."""
        named = {*re.split(r"[\s;=]+", words), *self.used}
        data = {name: [list(map(str, [*x, *y])) for x, y in zip(d.points, d.targets, strict=True)] for name, d in
                self._data.items() if name in named}  # fmt: skip
        return json.dumps([self.defaults, data], sort_keys=True)


def _inline(name: str, value: Any) -> Dataset:
    """Return a dataset that is written in the front matter: points and labels."""
    good = (
        isinstance(value, dict)
        and set(value) == {"points", "labels"}
        and all(isinstance(x, list) for x in value.values())
    )
    if not good:
        raise DataError(
            f"Expected points and labels for the dataset {name}; got {short(value)}.",
            "Write points: [[0, 0], [1, 1]] and labels: [0, 1].",
        )
    points = [each if isinstance(each, list) else [each] for each in value["points"]]
    return Dataset(name, tuple(map(tuple, points)), tuple(value["labels"]))


def digest(block: str, fingerprint: str) -> str:
    """Return the eight hexadecimal digits that stand in a verdict: of the block, the defaults and the data."""
    return hashlib.sha256(f"{block}\n\0{fingerprint}".encode()).hexdigest()[:8]
