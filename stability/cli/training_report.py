"""Training, reporting and keeping of an ensemble, from the command line."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.table import Table

from stability.arrays import Ints
from stability.audit.end_states import NO_ATLAS, EndState, labels, named_states, why_no_atlas
from stability.cli.terminal import shown_progress
from stability.exact.numbers import formatted
from stability.io.files import require_folder, write_table
from stability.io.provenance import provenance
from stability.model.correctness import explained
from stability.model.wilson import wilson
from stability.training.ensembles import unit_geometry as geometry
from stability.training.ensembles.ensemble import Ensemble, train
from stability.training.ensembles.epochs import REASONS

QUANTILES = (0, 10, 25, 50, 75, 90, 100)
STATES_SHOWN = 12

RUNS_LOSS = "loss: that of the set, exactly; for runs at no set, the mean of their own losses (~)"
"""What stands below the table of ends where runs are at no set."""


def run_training(**settings: Any) -> Ensemble:
    """Train as `stability.training.ensembles.ensemble.train` does, with a progress bar where there is a terminal."""
    with shown_progress("restarts") as progress:
        return train(progress=progress, **settings)


def report(ensemble: Ensemble, sets: Ints | None, states: Sequence[EndState] | None = None) -> dict[str, Any]:
    """Return what an ensemble shows as plain data; its `named_states` may be given."""
    count = ensemble.restarts
    states = named_states(ensemble, sets) if states is None else states
    return {
        "model": ensemble.task.name,
        "data": ensemble.task.data.name,
        "loss_kind": ensemble.task.loss_kind,
        "init": ensemble.init,
        "rule": str(ensemble.rule),
        "epochs": ensemble.epochs,
        "stop_loss": ensemble.stops.loss,
        "patience": ensemble.stops.patience,
        "seed": ensemble.seed,
        "dtype": ensemble.dtype,
        "restarts": count,
        "wanted": ensemble.wanted,
        **_successes(ensemble),
        "epochs_all": quantiles(ensemble.stopped),
        "epochs_success": quantiles(ensemble.stopped[ensemble.success]) if ensemble.task.classifies else None,
        "stops": {reason: int((ensemble.reasons == k).sum()) for k, reason in enumerate(REASONS)},
        "end_states": [state.to_json() for state in states],
        "unexplained": sum(state.count for state in states if state.kind == "unexplained"),
        "device": ensemble.device,
        "compiled": ensemble.mode == "compiled",
        "mode": ensemble.mode,
        "seconds": round(ensemble.seconds, 3),
        **provenance(),
    }


def _successes(ensemble: Ensemble) -> dict[str, Any]:
    """Return how many runs have all examples correct, and by which threshold; None where no label can be missed."""
    names, middle = ("successes", "success_rate", "wilson_low", "wilson_high"), ensemble.task.threshold
    found: dict[str, Any] = {"threshold": None if middle is None else str(middle), **dict.fromkeys(names)}
    if ensemble.task.classifies:
        count, successes = ensemble.restarts, int(ensemble.success.sum())
        values = successes, successes / count, *wilson(successes, count)
        found |= dict(zip(names, values, strict=True))
    return found


def quantiles(stopped: Any) -> dict[str, float] | None:
    """Return quantiles of stop epochs, by percent; None of no runs."""
    if not len(stopped):
        return None
    return {str(q): float(np.percentile(stopped, q, method="inverted_cdf")) for q in QUANTILES}


def training_tables(
    ensemble: Ensemble, sets: Ints | None, states: Sequence[EndState] | None = None
) -> list[str | Table]:
    """Return the result in words and tables; its `named_states` may be given."""
    states = named_states(ensemble, sets) if states is None else states
    facts = report(ensemble, sets, states)
    setting = f"{ensemble.init}, {ensemble.rule}, at most {ensemble.epochs} epochs, seed {ensemble.seed}"
    head = (
        f"{ensemble.task!r}, {setting}\n"
        f"{_success_in_words(ensemble, facts)}\n"
        f"stopped by {', '.join(f'{reason} {n:,}' for reason, n in facts['stops'].items() if n)}; "
        f"{ensemble.dtype}, {ensemble.device}, {ensemble.mode}, {ensemble.seconds:.1f} s"
    )
    if ensemble.restarts < ensemble.wanted:
        head = f"Interrupted after {ensemble.restarts:,} of {ensemble.wanted:,} restarts.\n{head}"
    epochs = Table("epochs at the stop", *(f"{q}%" for q in QUANTILES))
    for name in ("all", "success") if ensemble.task.classifies else ("all",):
        row = facts[f"epochs_{name}"]
        epochs.add_row(name, *(["none"] * len(QUANTILES) if row is None else [f"{x:g}" for x in row.values()]))
    why = [why_no_atlas(ensemble)] if any(state.kind == NO_ATLAS for state in states) else []
    means = [RUNS_LOSS] if any(map(_is_at_no_set, states)) else []
    return [head, epochs, _states_table(ensemble, states), *means, *why]


def _success_in_words(ensemble: Ensemble, facts: dict[str, Any]) -> str:
    """Return how many runs have all examples correct, and what that means."""
    if not ensemble.task.classifies:
        if ensemble.task.outputs > 1:
            return f"regression: {ensemble.task.outputs} outputs, so none is correct or wrong"
        values = len({*ensemble.task.data.labels})
        return f"regression: {values} different label{'s' if values > 1 else ''}, so no output is correct or wrong"
    share = f"{facts['success_rate']:.2%}, 95% interval {facts['wilson_low']:.2%} to {facts['wilson_high']:.2%}"
    meaning = "correct: the largest output is that of the class"
    if not ensemble.task.network.one_hot:
        meaning = explained(ensemble.task.data.labels) or ""
    return f"{facts['successes']:,} of {ensemble.restarts:,} runs have all examples correct: {share}\n({meaning})"


def _states_table(ensemble: Ensemble, states: Sequence[EndState]) -> Table:
    means = ensemble.task.loss_kind == "mean"
    heads = [*(["loss (mean)"] if means else []), "loss (sum)"]
    right = ["all correct"] if ensemble.task.classifies else []
    table = Table("ends on", *heads, "set of the atlas", "runs", "share", "95% interval", *right)
    shown = _shown(states)
    for state in [state for state in states if state in shown]:
        low, high = wilson(state.count, ensemble.restarts)
        number = "" if state.set is None else str(state.set)
        number = f"near {number}" if state.reason and number else number
        losses = _losses(ensemble, state)
        losses = losses if means else losses[:1]
        share = f"{state.count / ensemble.restarts:.2%}", f"{low:.2%} to {high:.2%}"
        correct = [] if state.right is None else [f"{state.right:,}"]
        table.add_row(state.name, *losses, number, f"{state.count:,}", *share, *correct)
    left = [state for state in states if state not in shown]
    if left:
        runs = f"{sum(state.count for state in left):,}"
        table.add_row(
            f"{len(left)} more (--json lists all)", *("" for _ in heads), "", runs, "", "", *("" for _ in right)
        )
    return table


def _shown(states: Sequence[EndState]) -> list[EndState]:
    """Return the states on which most runs ended, and with them the one of least loss, however few ended there."""
    most = sorted(states, key=lambda state: -state.count)[:STATES_SHOWN]
    settled = [state for state in states if not _is_at_no_set(state) and state.kind != "diverged"]
    return most if not settled or settled[0] in most else [*most[:-1], settled[0]]


def _losses(ensemble: Ensemble, state: EndState) -> list[str]:
    """Return the loss as it is trained and as the sum: of the set, or of runs at no set their own mean, rounded."""
    if _is_at_no_set(state) and state.own_loss is not None:
        return [f"~{loss:.3g}" for loss in (state.own_loss, state.own_loss / float(ensemble.task.scale))]
    losses = [state.loss, state.loss_sum]
    return losses if state.set is None else [formatted(Fraction(loss)) for loss in losses]


def _is_at_no_set(state: EndState) -> bool:
    """Return whether runs are at no set of an atlas that is known, and have not diverged."""
    return state.kind not in (NO_ATLAS, "diverged") and (state.set is None or bool(state.reason))


def columns(ensemble: Ensemble, sets: Ints | None) -> dict[str, Any]:
    """Return one column per thing that is known of each run: starts, stops, outcome, and geometry at both."""
    names = _parameter_names(ensemble)
    found: dict[str, Any] = {
        "restart": np.arange(ensemble.restarts),
        **({"success": ensemble.success, "accuracy": ensemble.accuracies} if ensemble.task.classifies else {}),
        "loss": ensemble.losses,
        "epochs": ensemble.stopped,
        "reason": np.array(REASONS)[ensemble.reasons],
    }
    if sets is not None:
        found["set"] = sets
    for when, flat in (("start", ensemble.starts), ("end", ensemble.points)):
        found |= {f"{when}_{name}": flat[:, k] for k, name in enumerate(names)}
        dead = geometry.dead_examples(ensemble, flat)
        for label in sorted({*ensemble.task.data.labels}):
            own = ensemble.task.labels == float(label)
            found[f"{when}_dead_examples_of_{label}"] = dead[:, own].sum(1)
        found[f"{when}_dead_units"] = geometry.dead_units(ensemble, flat).sum(1)
        found[f"{when}_margin"] = geometry.margins(ensemble, flat).min(1)
        found[f"{when}_mirrored"] = geometry.mirrored(ensemble, flat)
        found |= {f"{when}_angle_{j + 1}": a for j, a in enumerate(geometry.angles(ensemble, flat).T)}
    found["distance"] = geometry.distances(ensemble)
    for t, flat in ensemble.snapshots.items():
        found |= {f"epoch_{t}_{name}": flat[:, k] for k, name in enumerate(names)}
    return found


def _parameter_names(ensemble: Ensemble) -> list[str]:
    task, net = ensemble.task, ensemble.task.network
    own = [*(f"w{c + 1}" for c in range(task.data.dimension)), *["b"] * net.hidden_biases]
    last = [*(f"a{j + 1}" for j in range(task.units * net.trainable)), *["c"] * net.output_bias]
    units = [f"{n}_{j + 1}" for j in range(task.units) for n in own]
    return [*units, *(f"{n}_{o + 1}" if task.outputs > 1 else n for o in range(task.outputs) for n in last)]


def write_parquet(ensemble: Ensemble, sets: Ints | None, path: Path, states: Sequence[EndState] | None = None) -> None:
    """Write the columns as Parquet, with the report in the metadata of the file; whole or not at all.

    Raises
    ------
    FileError
        If there is no such folder, or it cannot be written to.
    """
    require_folder(path)
    write_table(path, pa.table(columns(ensemble, sets)), json.dumps(report(ensemble, sets, states)))


def train_and_label(**settings: Any) -> tuple[Ensemble, Ints | None]:
    """Train, and say on which set each run ended."""
    ensemble = run_training(**settings)
    return ensemble, labels(ensemble)
