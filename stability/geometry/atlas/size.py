"""How large an atlas may be: choices of one face per unit, the time they take, and how many points would do."""

from math import comb, prod

from stability.errors import TooLargeError
from stability.geometry.arrangement.enumerate import most_faces
from stability.geometry.arrangement.integer_problem import Integers, integers
from stability.io.printable import LARGEST, grouped
from stability.model.network_loss import NetworkLoss

MANY_EXAMPLES = 250
"""Examples from which on a choice of faces counts more often: the work of a choice grows with their number."""

PER_CHOICE, PER_EXAMPLE = 1.5e-4, 2.2e-6
"""Seconds that a choice takes, and each example of it, measured on one processor of 2026; for estimates alone."""


def most_choices(landscape: NetworkLoss) -> int:
    """Return how many choices of one face per unit there may be, up to the order of the units."""
    return choices_of(_most_per_unit(landscape), integers(landscape))


def choices_of(faces: int, problem: Integers) -> int:
    """Return how many choices of a state for each unit there are, up to the order of the units that are alike."""
    if problem.trainable:
        return comb(2 * faces + problem.units, problem.units)
    return prod(comb(faces + count - 1, count) for count in problem.counts)


def work_of(landscape: NetworkLoss) -> int:
    """Return the most choices of faces there may be, each counted once per `MANY_EXAMPLES` where there are more."""
    return weighed(most_choices(landscape), len(landscape.data.labels))


def weighed(choices: int, examples: int) -> int:
    """Return how many choices with few examples are as much work as these.

    Examples
    --------
    >>> weighed(1000, 4), weighed(1000, 251)
    (1000, 1004)
    """
    return -(-choices * max(examples, MANY_EXAMPLES) // MANY_EXAMPLES)


def _most_per_unit(landscape: NetworkLoss) -> int:
    problem = integers(landscape)
    return most_faces(len(set(problem.rows)), problem.rank)


def refuse_too_large(landscape: NetworkLoss, max_faces: int) -> None:
    """Raise TooLargeError, with the time and the number of points that would do, if there may be more choices."""
    faces, choices, work = _most_per_unit(landscape), most_choices(landscape), work_of(landscape)
    if work > max_faces:
        count = f"{grouped(choices)} up to the order of the units"
        if work > choices:
            examples = len(landscape.data.labels)
            count += f", and with {examples:,} examples they are the work of {grouped(work)} with {MANY_EXAMPLES}"
        raise TooLargeError(
            f"{landscape!r} has up to {faces:,} faces per unit, {grouped(faces**landscape.units)} in all, "
            f"{count} ({_duration(landscape)}); at most {max_faces:,} are searched.",
            smaller(landscape, work, max_faces),
        )


def smaller(landscape: NetworkLoss, choices: int, max_faces: int) -> str:
    """Return the remedy where there are too many choices: to allow more, if that is any use, or less of a network."""
    points, rank = most_points(landscape, max_faces), integers(landscape).rank
    fits = weighed(choices_of(most_faces(points, rank), integers(landscape)), points) <= max_faces
    fewer = f"take at most {points:,} points" if fits else "take fewer units"
    return f"Allow more with --max-faces {choices}, or {fewer}." if choices < LARGEST else f"{fewer.capitalize()}."


def _duration(landscape: NetworkLoss) -> str:
    """Return in words how long the search takes at most, roughly."""
    choices = most_choices(landscape)
    if choices >= LARGEST:
        return "longer than anybody waits"
    seconds = choices * (PER_CHOICE + PER_EXAMPLE * len(landscape.data.labels))
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"about {seconds / size:,.0f} {unit}"
    return f"about {seconds:.0f} seconds"


def most_points(landscape: NetworkLoss, max_faces: int) -> int:
    """Return how many points have at most so many choices of faces, with the units and the rank of a landscape.

    The choices are weighed by the number of examples.
    """
    problem = integers(landscape)
    rank = problem.rank
    low, high = rank, len(landscape.data.labels)
    while low < high:
        middle = (low + high + 1) // 2
        fits = weighed(choices_of(most_faces(middle, rank), problem), middle) <= max_faces
        low, high = (middle, high) if fits else (low, middle - 1)
    return low
