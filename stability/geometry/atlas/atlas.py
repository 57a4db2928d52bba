"""The atlas: all the stationary points of a landscape, kinks included."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.compute.resume import LineStore, no_collection, workers
from stability.errors import CertificateError
from stability.geometry.arrangement.enumerate import (
    Arrangement,
    assemble,
    branches,
)
from stability.geometry.arrangement.integer_problem import Integers, integers
from stability.geometry.atlas import text
from stability.geometry.atlas.size import choices_of, refuse_too_large, weighed, work_of
from stability.geometry.atlas.stages import CHOICES, FACES
from stability.geometry.stationary.gathering import Gathering
from stability.geometry.stationary.one_hot import as_one_output, require_reducible
from stability.geometry.stationary.search import Faces, Found, parts
from stability.geometry.stationary.sets import StationarySet
from stability.io.html import escaped
from stability.io.results import ResultTable, Tabular
from stability.logic.records import Record, prove
from stability.model.correctness import threshold
from stability.model.network_loss import NetworkLoss, Point, sign

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stability.geometry.atlas.fitted_outputs import FittedOutputs
    from stability.geometry.sections.atlas_views import AtlasPlane, AtlasSpace
    from stability.geometry.sections.cell_layout import CellMap

CHOICES_PER_PART = 4000
MOST_CHOICES = 500_000
"""Choices of faces beyond which an atlas is refused, unless more are allowed; one unit's take some minutes."""

MOST_ON_THE_WAY = 200_000
"""The same where an atlas is only needed on the way to something else, as to say on which set a flow ends."""

KNOWN = 32
"""Atlases that are kept in memory."""


@dataclass(frozen=True, repr=False)
class Atlas(Tabular):
    """The complete list of stationary sets of a landscape, least loss first.

    Attributes
    ----------
    landscape : NetworkLoss
    sets : list of StationarySet
    arrangement : Arrangement
        The faces of one unit.
    found : Found
        What excludes all other choices of faces; the raw material of the certificate.
    number : dict
        To which set each stationary piece belongs, by the states of its units in ascending order.
    gathering : Gathering
        The stationary choices with what makes sets of them.

    Examples
    --------
    >>> from stability import landscape
    >>> atlas = landscape("abs1", "xor").atlas()
    >>> len(atlas.sets), len(atlas.minima), [str(x) for x in atlas.losses]
    (9, 4, ['0', '1', '4/3', '2'])
    """

    landscape: NetworkLoss
    sets: list[StationarySet]
    arrangement: Arrangement
    found: Found
    number: dict[Faces, int]
    gathering: Gathering
    complete: bool = True

    @property
    def faces(self) -> int:
        """The number of faces of parameter space: a face of each unit, and a sign where output weights are trained."""
        signs = 3 if self.landscape.network.trainable else 1
        return int((signs * len(self.arrangement.faces)) ** self.landscape.units)

    @property
    def cells(self) -> int:
        """The number of open cells of parameter space."""
        signs = 2 if self.landscape.network.trainable else 1
        return int((signs * len(self.arrangement.cells)) ** self.landscape.units)

    @property
    def minima(self) -> list[StationarySet]:
        """The sets of local minima, global ones included."""
        return [each for each in self.sets if each.is_minimum]

    @property
    def losses(self) -> list[Any]:
        """The loss values of stationary points, in ascending order."""
        return sorted({each.loss for each in self.sets})

    def of(self, point: Point) -> StationarySet | None:
        """Return the set that contains a point (up to the order of the units), or None if it is not stationary.

        Raises
        ------
        PointError
            If the shape does not fit.
        """
        rows = self.landscape.point(point)
        single = as_one_output(self.landscape, rows)
        if single is None:
            return None
        weights, outputs, errors = single
        found = self.on_faces(self.landscape.pattern(rows), list(map(sign, weights)))
        if found is None or outputs != found.outputs:
            return None
        silent = [u for a, u in zip(weights, self.landscape.preactivations(rows), strict=True) if not a]
        value = self.landscape.network.unit.value
        felt = [sum(e * value(z) for e, z in zip(errors, own, strict=True)) for own in silent]
        return None if any(felt) else found

    def on_faces(self, pattern: Sequence[Sequence[int]], signs: Sequence[int] = ()) -> StationarySet | None:
        """Return the set that has points where the units have these signs, or None; there is at most one.

        Parameters
        ----------
        pattern : rows of signs
            Those of the pre-activations, one row per unit.
        signs : sequence of int, optional
            Those of the output weights, where they are trained.
        """
        own = signs or [sign(a) for a in self.landscape.network.weights]
        sides = [
            (sum(1 << i for i, s in enumerate(row) if s > 0), sum(1 << i for i, s in enumerate(row) if s < 0))
            for row in pattern
        ]
        faces = [self.arrangement.by_signs.get(side) for side in sides]
        if None in faces:
            return None
        states = self.gathering.located([(s, f) for s, f in zip(own, faces, strict=True) if f is not None])
        k = None if states is None else self.number.get(states)
        return None if k is None else self.sets[k]

    def __repr__(self) -> str:
        return text.summary(self)

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows."""
        return f"{escaped(repr(self).splitlines()[0])}\n\n{self.table()}"

    def _table(self) -> ResultTable:
        title, finding = text.heading(self)
        return ResultTable(title, text.head(self), text.rows(self), finding=finding)

    def _records(self) -> list[dict[str, Any]]:
        return [{"set": each.index, **each.to_json()} for each in self.sets]

    def to_json(self) -> dict[str, Any]:
        """Return the atlas with exact numbers as text."""
        return {
            **self.landscape.names,
            "parameters": self.landscape.parameters,
            "cells": self.cells,
            "faces": self.faces,
            "complete": self.complete,
            "threshold": None if self.threshold is None else str(self.threshold),
            "sets": [each.to_json() for each in self.sets],
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the atlas of one unit on data in the plane, in the slice w = (p/2, -p/2); return the Axes.

        Raises
        ------
        PointError
            If there are several units, or the data are not in the plane; `plot_levels` draws any atlas.
        """
        from stability.plot.atlas import draw_atlas

        return draw_atlas(ax, self)

    @property
    def threshold(self) -> Fraction | None:
        """Between the two labels: outputs are correct on the side of their label; None where there are not two."""
        return threshold(self.landscape.data.labels)

    def fits(self) -> "list[FittedOutputs]":
        """Return the different outputs at stationary points, up to symmetry, least loss first."""
        from stability.geometry.atlas.fitted_outputs import fits

        return fits(self)

    def in_plane(self, span: Fraction) -> "AtlasPlane":
        """Return what the plane w = (p/2, -p/2) meets of the atlas of one unit, both axes from -span to span.

        Raises
        ------
        PointError
            If there are several units, or the data are not in the plane.
        """
        from stability.geometry.sections.atlas_views import atlas_plane

        return atlas_plane(self, span)

    def in_space(self, span: Fraction) -> "AtlasSpace":
        """Return what the cube from -span to span over (w1, w2, b) meets of the atlas of one unit.

        Raises
        ------
        PointError
            If there are several units, or the data are not in the plane.
        """
        from stability.geometry.sections.atlas_views import atlas_space

        return atlas_space(self, span)

    def cell_map(self) -> "CellMap":
        """Return where the cells of one unit and its local minima stand on a map of directions.

        Raises
        ------
        PointError
            If there are several units, or the data are not in the plane.
        DataError
            If the data lie on a line.
        """
        from stability.geometry.sections.cell_graph import cell_graph
        from stability.geometry.sections.cell_layout import cell_map

        return cell_map(cell_graph(self))

    def plot_levels(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss of every stationary set, of any number of units; return the Axes."""
        from stability.plot.loss_levels import draw_levels

        return draw_levels(ax, self)

    def table(self, form: str = "markdown") -> str:
        """Return the list of sets as a "markdown" or "latex" table."""
        return text.table(self, form)

    def record(self) -> Record:
        """Return the certificate that these are all the stationary sets, as `stability check` reads it.

        Raises
        ------
        CertificateError
            If the checker does not accept it.
        """
        from stability.geometry.atlas.statements import complete_list

        judged = prove(complete_list(self))
        if judged.record is None or judged.conclusion != "proved":
            raise CertificateError("The atlas could not be certified.", judged.reason)
        return judged.record

    @cached_property
    def problem(self) -> Integers:
        """The landscape in whole numbers."""
        return integers(self.landscape)


_known: OrderedDict[NetworkLoss, Atlas] = OrderedDict()


def known_atlas(landscape: NetworkLoss, max_faces: int | None = None, progress: Progress | None = None) -> Atlas:
    """Return the atlas of a landscape, computed once.

    Parameters
    ----------
    landscape : NetworkLoss
    max_faces : int, optional
        The most choices of faces that are searched; `MOST_ON_THE_WAY` by default. An atlas that is known, since `atlas`
        has computed it, is returned whatever its size.
    progress : callable, optional
        Called with (stage, tasks done, tasks in all).

    Raises
    ------
    TooLargeError
        If there may be more choices than that; nothing has been computed then.
    """
    if landscape not in _known:
        return atlas(landscape, max_faces=MOST_ON_THE_WAY if max_faces is None else max_faces, progress=progress)
    _known.move_to_end(landscape)
    return _known[landscape]


def atlas(
    landscape: NetworkLoss,
    count: int = 1,
    executor: Executor | None = None,
    resume: Path | None = None,
    max_faces: int | None = None,
    progress: Progress | None = None,
) -> Atlas:
    """Return the atlas of a landscape.

    Parameters
    ----------
    landscape : NetworkLoss
    count : int
        How many processes share the work.
    executor : concurrent.futures.Executor, optional
        Shares the work instead, a distributed one for example.
    resume : Path, optional
        A file that keeps what is done, so that an interrupted computation goes on; removed at the end.
    max_faces : int, optional
        The most choices of one face per unit (up to their order) that are searched, `MOST_CHOICES` by default; with
        more than 250 examples a choice counts more often.
    progress : callable, optional
        Called with (stage, tasks done, tasks in all); in a notebook there is a bar if it is left out.

    Raises
    ------
    TooLargeError
        If there may be more choices than that; nothing has been computed then.
    """
    require_reducible(landscape)
    problem = integers(landscape)
    refuse_too_large(landscape, MOST_CHOICES if max_faces is None else max_faces)
    store = LineStore(resume, fingerprint(landscape))
    store.load()
    with reporting(progress, "atlas") as report, _shared(count, executor) as shared, no_collection():
        pieces = FACES.run(branches(problem.rows), shared, store, report)
        arrangement = assemble(problem.rows, pieces)
        shares = parts(problem, arrangement.faces, arrangement.cells, _wanted(problem, arrangement))
        found = merged(CHOICES.run(shares, shared, store, report))
        gathering = Gathering(problem, arrangement, found.stationary)
        sets, number = gathering.sets(landscape)
    store.remove()
    _known[landscape] = complete = Atlas(landscape, sets, arrangement, found, number, gathering)
    if len(_known) > KNOWN:
        _known.popitem(last=False)
    return complete


def merged(results: Sequence[Found]) -> Found:
    """Return what all shares of the search found, without repetition.

    A unit that is separated on a face needs no reason where the fit is not inside anyway.
    """
    verdicts: dict[frozenset[Any], tuple[list[Any], int, list[int]]] = {}
    for result in results:
        for rays, verdict, weights in result.fits:
            key = frozenset(rays)
            if key not in verdicts or verdicts[key][1] == 2:
                verdicts[key] = rays, verdict, weights
    separating: dict[tuple[int, frozenset[Any]], tuple[int, list[Any], Any]] = {}
    for result in results:
        for face, rays, direction in result.separating:
            if verdicts[frozenset(rays)][1]:
                separating.setdefault((face, frozenset(rays)), (face, rays, direction))
    stationary = [faces for result in results for faces in result.stationary]
    return Found(list(verdicts.values()), list(separating.values()), stationary)


@contextmanager
def _shared(count: int, executor: Executor | None) -> Iterator[Executor | None]:
    if executor is not None:
        yield executor
        return
    with workers(count) as own:
        yield own


def is_affordable(landscape: NetworkLoss, max_faces: int | None = None) -> bool:
    """Return whether `known_atlas` returns an atlas rather than refuse."""
    return landscape in _known or work_of(landscape) <= (MOST_ON_THE_WAY if max_faces is None else max_faces)


def _wanted(problem: Integers, arrangement: Arrangement) -> int:
    work = weighed(choices_of(len(arrangement.faces), problem), len(problem.rows))
    return min(400, max(1, work // CHOICES_PER_PART))


def fingerprint(landscape: NetworkLoss) -> str:
    """Return what distinguishes the partial results of one atlas from those of another."""
    text = json.dumps([landscape.to_record(), CHOICES_PER_PART, "signed rays, halved"], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
