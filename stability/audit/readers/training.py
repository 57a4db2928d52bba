"""Clauses `train` and `published`: runs by the options of `stability train`, and the numbers that they should give.

train relu2 xor --init kaiming-normal --betas 0.9,0.99 --patience 11 --stop-loss 1e-7
published success 24/50; median epochs 190 of 24

Runs are made on the CPU, from a seed, so that everybody gets the same verdict. No option names a file but the data,
which lie in the folder of the document.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from stability.audit.measurements import EstimatedMeasure, Measurement
from stability.audit.readers.clauses import Clause
from stability.audit.readers.defaults import DocumentContext
from stability.audit.readers.published import Published, read_published
from stability.audit.readers.statements import Reader
from stability.errors import nearest
from stability.initialisation.table import most_draws, parse
from stability.logic.formulas import short
from stability.model.update_rules import UpdateRule, optimiser
from stability.training.ensembles.problem import Task, task
from stability.training.ensembles.settings import require_settings

if TYPE_CHECKING:
    from stability.training.ensembles.ensemble import Ensemble

Value = str | int | float | None

OPTIONS: dict[str, tuple[Callable[[str], Value], Value]] = {
    "init": (str, None),
    "optimizer": (str, "adam"),
    "lr": (str, "0.01"),
    "momentum": (str, None),
    "betas": (str, None),
    "epochs": (int, 800),
    "stop-loss": (float, 0.0),
    "patience": (int, None),
    "restarts": (int, 2_000),
    "seed": (int, 0),
    "loss": (str, "mean"),
    "dtype": (str, "float32"),
    "mode": (str, "auto"),
}
"""The options of the command, how each is read, and what it is by default: as there, but for fewer restarts."""

REFUSED = {
    "json": "it writes a file",
    "table": "it writes a file",
    "output": "it writes a file",
    "list-inits": "it trains nothing",
    "device": "runs of documents are made on the CPU, the same for everybody",
}
"""The other options of the command, and why a document does not give them."""

PER_EPOCH = ("epochs", "stop_loss", "patience", "restarts", "seed", "dtype", "mode")
"""Settings that training gets as they are read."""

SPEED = 1e8
"""Parameters times examples that a nominal machine takes through an epoch, or a draw of a start, in a second."""

LABELS: dict[bool | None, str] = {True: "Agrees", False: "Disagrees", None: "Undecided"}

STEP, BEGIN = 5e-4, 1.0
"""Seconds of an epoch and of a training that do not depend on their size."""


@dataclass(frozen=True)
class Trained:
    """Runs that a document asks for, and the numbers that it says they give.

    Attributes
    ----------
    task : Task
    init : str
    rule : UpdateRule
    settings : dict
        The rest of what `stability.training.ensembles.ensemble.train` is given.
    published : sequence of Published
    """

    task: Task
    init: str
    rule: UpdateRule
    settings: Mapping[str, Any]
    published: Sequence[Published]

    @property
    def seconds(self) -> float:
        """What it takes at most on a nominal machine: by its size, whatever the machine and the clock."""
        size, runs = self.task.parameters * self.task.examples, self.settings["restarts"]
        epochs = self.settings["epochs"] * (STEP + runs * size / SPEED)
        return float(BEGIN + epochs + most_draws(self.init, runs) * size / SPEED)

    def __call__(self) -> Measurement:
        """Train, and compare what comes out with what was published."""
        import numpy as np

        from stability.audit.experiments import counts_of
        from stability.audit.hypothesis_tests import all_of

        found = self._run()
        counts = counts_of(found, np.ones(found.restarts, dtype=bool))
        whole = all_of(*(labelled(each.judge(counts)) for each in self.published))
        return replace(whole, says=f"{self.task.name} {self.task.data.name}, {self.init}. {whole.says}")

    def _run(self) -> "Ensemble":
        from stability.training.ensembles.ensemble import train

        found = train(self.task, self.init, self.rule, device="cpu", **self.settings)
        if found.restarts < found.wanted:
            raise KeyboardInterrupt
        return found


def labelled(found: Measurement) -> Measurement:
    """Return a measurement that says first what it decides, since several stand in one reason."""
    return replace(found, says=f"{LABELS[found.reproduced]}: {found.says}")


def training(reader: Reader, context: DocumentContext, found: Sequence[Clause]) -> list[EstimatedMeasure]:
    """Return a measure for each `train` with what is `published` after it.

    Raises
    ------
    DocumentError
        If an option is unknown or makes no sense, or one of the two lacks the other.
    """
    if found[0].kind == "published":
        raise found[0].error("Expected train before published; got none.", "Write train MODEL DATA --init NAME first.")
    starts = [k for k, each in enumerate(found) if each.kind == "train"]
    parts = []
    for start, stop in pairwise([*starts, len(found)]):
        if stop == start + 1:
            raise found[start].error(
                "Expected published after train; got none.", "Write published success 24/50, for example."
            )
        published = [part for each in found[start + 1 : stop] for part in read_published(each)]
        with found[start].located():
            trained = _trained(found[start], context, published)
        parts.append(EstimatedMeasure(trained, trained.seconds))
    return parts


def _trained(clause: Clause, context: DocumentContext, published: Sequence[Published]) -> Trained:
    """Return the runs of a clause, everything checked that can be without training."""
    named, given = _words(clause)
    if given["init"] is None:
        raise clause.error("Expected --init in train; got none.", "Write --init kaiming-normal; see --list-inits.")
    chosen = task(named[0], context.dataset(named[1]), given["loss"])
    if not chosen.classifies:
        _ = chosen.middle
    parse(given["init"])
    rule = optimiser(*(given[name] for name in ("optimizer", "lr", "momentum", "betas")))
    settings = {name: given[name.replace("_", "-")] for name in PER_EPOCH}
    require_settings(**settings)
    most = 2**63
    if max(settings["restarts"], settings["epochs"]) >= most:
        raise clause.error(f"Expected restarts and epochs below {most}; got more.", "Ask for fewer.")
    if settings["mode"] == "compiled":
        settings["mode"] = "auto"  # the same bits, also where there is no compiler
    return Trained(chosen, given["init"], rule, settings, published)


def _words(clause: Clause) -> tuple[list[str], dict[str, Any]]:
    """Return the model and the data of a clause, and the values of all options."""
    named: list[str] = []
    given: dict[str, Value] = {}
    words = clause.text.split()
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            named.append(word)
            continue
        name, equals, said = word.partition("=")
        option = _option(name, clause)
        if option in given:
            raise clause.error(f"Expected {name} once; got it again.", "Leave one out.")
        if not equals and (not words or words[0].startswith("--")):
            raise clause.error(f"Expected a value after {name}; got none.")
        given[option] = _value(option, said if equals else words.pop(0), clause)
    if len(named) != 2:
        raise clause.error(f"Expected a model and data in train; got {short(' '.join(named)) if named else 'none'}.")
    return named, {**{name: default for name, (_, default) in OPTIONS.items()}, **given}


def _option(word: str, clause: Clause) -> str:
    name = "output" if word == "-o" else word.removeprefix("--")
    if name in REFUSED:
        raise clause.error(f"Expected no {word} in a document: {REFUSED[name]}.", "Leave it out.")
    if not word.startswith("--") or name not in OPTIONS:
        known = [f"--{each}" for each in OPTIONS]
        raise clause.error(f"Expected an option of train; got {short(word)}.", nearest(word, known))
    return name


def _value(option: str, text: str, clause: Clause) -> Value:
    read = OPTIONS[option][0]
    try:
        return read(text)
    except ValueError:
        what = "a whole number" if read is int else "a number"
        raise clause.error(f"Expected {what} for --{option}; got {short(text)}.", "Write 50, for example.") from None
