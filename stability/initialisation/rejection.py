"""The draw that a restart keeps among many."""

from collections.abc import Callable

import numpy as np

from stability.arrays import Booleans, Floats
from stability.errors import StabilityError
from stability.initialisation.plain import Law
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.random_streams import Draw, Integers, Sampler, Streams

ATTEMPTS = 20_000
"""Draws per restart after which a request counts as impossible."""
AT_ONCE = 2**18
"""Random numbers drawn at once."""
OTHER_SEEDS = 2**63
"""Added to a seed for draws that no restart uses; seeds stay below it."""

Accept = Callable[[Floats], Booleans]
Choice = Callable[[InitialisationProblem, Law, int], Sampler]
"""From a place, a law and a seed to what the restarts keep."""


def only(place: InitialisationProblem, law: Law, seed: int) -> Sampler:
    """Keep the only draw."""
    draw = law(place)
    return lambda streams, wanted: draw(streams, streams.size)[wanted]


def attempts(draw: Draw, streams: Streams, wanted: Integers, count: int) -> Floats:
    """Return the next `count` attempts of the wanted restarts, shape (count, wanted, parameters)."""
    rows = draw(streams, count * streams.size)
    return rows.reshape(count, streams.size, -1)[:, wanted]


def batch(place: InitialisationProblem, streams: Streams, wanted: int, left: int) -> int:
    """Return how many attempts to draw at once: more as fewer restarts are left. It changes no result."""
    return max(1, min(left, 8192 // wanted, AT_ONCE // (streams.size * place.parameters)))


def first_accepted(place: InitialisationProblem, law: Law, accept: Accept, condition: str) -> Sampler:
    """Keep the first draw that is accepted.

    Raises
    ------
    StabilityError
        By the sampler, if a restart has none among ATTEMPTS draws.
    """
    draw = law(place)

    def sample(streams: Streams, wanted: Integers) -> Floats:
        kept = np.empty((len(wanted), place.parameters))
        open_, tried = np.arange(len(wanted)), 0
        while len(open_) and tried < ATTEMPTS:
            count = batch(place, streams, len(open_), ATTEMPTS - tried)
            rows = attempts(draw, streams, wanted[open_], count)
            accepted = accept(rows.reshape(-1, place.parameters)).reshape(count, -1)
            found = accepted.any(axis=0)
            kept[open_[found]] = rows[accepted.argmax(axis=0)[found], found]
            open_, tried = open_[~found], tried + count
        if len(open_):
            raise _impossible(len(wanted) - len(open_), len(wanted), streams, condition)
        return kept

    return sample


def _impossible(found: int, wanted: int, streams: Streams, condition: str) -> StabilityError:
    low = streams.block * streams.size
    return StabilityError(
        f"Expected draws with {condition}; {found} of {wanted} restarts found one in {ATTEMPTS:,} draws each "
        f"(restarts {low} to {low + streams.size - 1}).",
        "Ask for less: another threshold or margin, biases that are not 0, or more units.",
    )


def activation_above(margin: float) -> Choice:
    """Keep the first draw under which every point has a unit with a pre-activation above the margin."""
    condition = f"a pre-activation above {margin:g} at every point"
    return lambda place, law, seed: first_accepted(
        place, law, lambda rows: place.lowest_activation(rows) > margin, condition
    )


def loss_beyond(threshold: float, above: bool = False) -> Choice:
    """Keep the first draw whose loss is below (or above) the threshold, strictly."""
    condition = f"a loss {'above' if above else 'below'} {threshold:g}"

    def accept(place: InitialisationProblem, rows: Floats) -> Booleans:
        losses = place.losses(rows)
        return np.isfinite(losses) & (losses > threshold if above else losses < threshold)

    return lambda place, law, seed: first_accepted(place, law, lambda rows: accept(place, rows), condition)


def percentile_threshold(place: InitialisationProblem, law: Law, seed: int, percentage: float, draws: int) -> float:
    """Return the percentile (numpy's linear rule) of the loss over draws of their own, the seed's plus 2^63."""
    draw, losses, block = law(place), np.empty(draws), 1024
    for start in range(0, draws, block):
        rows = draw(Streams(seed + OTHER_SEEDS, start // block, block), block)
        losses[start : start + block] = place.losses(rows[: draws - start])
    if not np.isfinite(losses).all():
        raise StabilityError("Expected finite losses to take a percentile of; got others.", "Use a smaller STD.")
    return float(np.percentile(losses, percentage))


def loss_percentile(percentage: float, draws: int, above: bool = False) -> Choice:
    """Keep the first draw whose loss is below (or above) a percentile of the losses of other draws."""

    def choose(place: InitialisationProblem, law: Law, seed: int) -> Sampler:
        threshold = percentile_threshold(place, law, seed, percentage, draws)
        return loss_beyond(threshold, above)(place, law, seed)

    return choose


def best_of(draws: int) -> Choice:
    """Keep the draw of lowest loss among so many; the first of equals."""

    def choose(place: InitialisationProblem, law: Law, seed: int) -> Sampler:
        draw = law(place)

        def sample(streams: Streams, wanted: Integers) -> Floats:
            every, done = np.arange(len(wanted)), 0
            lowest, kept = np.full(len(wanted), np.inf), np.empty((len(wanted), place.parameters))
            while done < draws:
                count = batch(place, streams, len(wanted), draws - done)
                rows = attempts(draw, streams, wanted, count)
                losses = place.losses(rows.reshape(-1, place.parameters)).reshape(count, -1)
                losses[np.isnan(losses)] = np.inf
                best = losses.argmin(axis=0)
                better = losses[best, every] < lowest if done else every >= 0
                better |= done == 0
                kept[better] = rows[best, every][better]
                lowest[better] = losses[best, every][better]
                done += count
            return kept

        return sample

    return choose
