"""The table of initialisations: how each is spelled, what it draws, needs and guarantees."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import signature

from stability.errors import StabilityError, UnknownNameError, nearest
from stability.exact.numbers import rational
from stability.initialisation import hypersphere as spheres
from stability.initialisation import plain
from stability.initialisation import rejection as selection
from stability.initialisation.entries import how_many, number, percentage
from stability.initialisation.plain import Law
from stability.initialisation.rejection import Choice


@dataclass(frozen=True)
class InitialisationFamily:
    """A family of initialisations: an entry of the table.

    Attributes
    ----------
    make : callable
        From the entries of a spelling to a law; or, where `selects`, from the entries after BASE to a choice among
        draws of the law BASE.
    form : str
        The spelling; entries in square brackets may be left out.
    example : str
        A spelling that works.
    line : str
        What it is, in a line.
    guarantees : tuple of str
        What holds for every row, up to rounding: keys of GUARANTEES.
    needs : tuple of str
        Keys of NEEDS; without them there is an error.
    selects : bool
        True if it chooses among draws of BASE.
    each : bool
        True if its last entry is how many draws every restart takes.
    """

    make: Callable[..., Law] | Callable[..., Choice]
    form: str
    example: str
    line: str
    guarantees: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    selects: bool = False
    each: bool = False


GUARANTEES = {
    "no dead data": "every point has a unit whose pre-activation is above 0",
    "pre-activation above MARGIN": "every point has a unit whose pre-activation is above MARGIN",
    "all units on with margin": "w . x_i + b >= |w| MARGIN for every unit and point",
    "all units on with margin on centred data": "the same, where the mean of the points is 0",
    "loss below THRESHOLD": "the loss is below THRESHOLD",
    "loss above THRESHOLD": "the loss is above THRESHOLD",
    "loss below percentile": "the loss is below the Q-th percentile of DRAWS other draws",
    "loss above percentile": "the loss is above the Q-th percentile of DRAWS other draws",
    "mirrored pairs": "unit 2j + 1 is minus unit 2j",
    "round(P units) flipped": "round(P units) units have the mean of the points on their negative side (ALPHA > 0)",
    "bounded by 1/sqrt(d)": "no weight or bias of a unit exceeds 1/sqrt(d) in size",
}
"""What families promise, in words."""

NEEDS = {
    "data": "points that floats hold",
    "loss": "a place with a loss",
    "two classes": "points of at least two labels",
    "pairs": "an even number of units",
    "biases": "units with biases",
}
"""What families ask of a place."""

INITIALISATIONS: dict[str, InitialisationFamily] = {
    "normal": InitialisationFamily(
        plain.normal, "normal:STD[:BIAS_STD]", "normal:0.5", "normal weights; biases 0, or normal"
    ),
    "uniform": InitialisationFamily(
        plain.uniform, "uniform:A[:B]", "uniform:1", "weights and biases uniform on [-A, A), or [A, B)"
    ),
    "torch-default": InitialisationFamily(
        plain.torch_default,
        "torch-default",
        "torch-default",
        "as torch.nn.Linear: weights and biases uniform up to 1/sqrt(d)",
        ("bounded by 1/sqrt(d)",),
    ),
    "xavier-normal": InitialisationFamily(
        partial(plain.scaled_normal, plain.xavier_variance),
        "xavier-normal[:BIAS_STD]",
        "xavier-normal",
        "normal weights of variance 2/(d + units); biases 0, or normal",
    ),
    "xavier-uniform": InitialisationFamily(
        partial(plain.scaled_uniform, plain.xavier_variance, plain.xavier_uniform_head),
        "xavier-uniform[:BIAS_STD]",
        "xavier-uniform",
        "uniform weights of variance 2/(d + units); biases 0, or normal",
    ),
    "kaiming-normal": InitialisationFamily(
        partial(plain.scaled_normal, plain.kaiming_variance),
        "kaiming-normal[:BIAS_STD]",
        "kaiming-normal",
        "normal weights of variance 2/d; biases 0, or normal",
    ),
    "kaiming-uniform": InitialisationFamily(
        partial(plain.scaled_uniform, plain.kaiming_variance, plain.xavier_head),
        "kaiming-uniform[:BIAS_STD]",
        "kaiming-uniform",
        "uniform weights of variance 2/d; biases 0, or normal",
    ),
    "mirrored": InitialisationFamily(
        plain.mirrored,
        "mirrored:STD[:BIAS_STD]",
        "mirrored:0.5:1",
        "normal units in pairs, the second minus the first",
        ("mirrored pairs",),
        ("pairs",),
    ),
    "dead-data-rejection": InitialisationFamily(
        lambda: selection.activation_above(0),
        "dead-data-rejection:BASE",
        "dead-data-rejection:0.5",
        "drawn from BASE until every point has a positive pre-activation in some unit",
        ("no dead data",),
        selects=True,
    ),
    "margin-rejection": InitialisationFamily(
        lambda margin: selection.activation_above(number(margin)),
        "margin-rejection:BASE:MARGIN",
        "margin-rejection:0.5:0.1",
        "drawn from BASE until every point has a pre-activation above MARGIN in some unit",
        ("pre-activation above MARGIN",),
        selects=True,
    ),
    "loss-below": InitialisationFamily(
        lambda threshold: selection.loss_beyond(number(threshold)),
        "loss-below:BASE:THRESHOLD",
        "loss-below:0.5:0.4",
        "drawn from BASE until the loss is below THRESHOLD",
        ("loss below THRESHOLD",),
        ("loss",),
        selects=True,
    ),
    "loss-above": InitialisationFamily(
        lambda threshold: selection.loss_beyond(number(threshold), above=True),
        "loss-above:BASE:THRESHOLD",
        "loss-above:0.5:0.4",
        "drawn from BASE until the loss is above THRESHOLD",
        ("loss above THRESHOLD",),
        ("loss",),
        selects=True,
    ),
    "loss-percentile": InitialisationFamily(
        lambda q, draws="100": selection.loss_percentile(percentage(q), how_many(draws)),
        "loss-percentile:BASE:Q[:DRAWS]",
        "loss-percentile:0.5:25",
        "drawn from BASE until the loss is below the Q-th percentile of DRAWS (100) other draws",
        ("loss below percentile",),
        ("loss",),
        selects=True,
    ),
    "loss-above-percentile": InitialisationFamily(
        lambda q, draws="100": selection.loss_percentile(percentage(q), how_many(draws), above=True),
        "loss-above-percentile:BASE:Q[:DRAWS]",
        "loss-above-percentile:0.5:50",
        "drawn from BASE until the loss is above the Q-th percentile of DRAWS (100) other draws",
        ("loss above percentile",),
        ("loss",),
        selects=True,
    ),
    "best-of": InitialisationFamily(
        lambda draws: selection.best_of(how_many(draws)),
        "best-of:BASE:N",
        "best-of:0.5:10",
        "the draw of lowest loss among N from BASE",
        (),
        ("loss",),
        selects=True,
        each=True,
    ),
    "hypersphere": InitialisationFamily(
        spheres.hypersphere,
        "hypersphere[:MARGIN]",
        "hypersphere",
        "units tangent to a sphere around the data (their mean, radius + MARGIN = 0.1), all data on the positive side",
        ("no dead data", "all units on with margin"),
        ("data", "biases"),
    ),
    "hypersphere-as-written": InitialisationFamily(
        spheres.hypersphere_as_written,
        "hypersphere-as-written[:MARGIN]",
        "hypersphere-as-written",
        "the same with the sphere around the origin, as the write-up has it: right for centred data only",
        ("all units on with margin on centred data",),
        ("data", "biases"),
    ),
    "partial-tangency": InitialisationFamily(
        spheres.partial_tangency,
        "partial-tangency:P:ALPHA",
        "partial-tangency:0.5:0.3",
        "hypersphere of radius ALPHA R; every unit turned away from the mean with probability P",
        (),
        ("data", "biases"),
    ),
    "partial-tangency-fixed": InitialisationFamily(
        spheres.partial_tangency_fixed,
        "partial-tangency-fixed:P:ALPHA",
        "partial-tangency-fixed:0.5:0.3",
        "hypersphere of radius ALPHA R; round(P units) units, any of them, turned away from the mean",
        ("round(P units) flipped",),
        ("data", "biases"),
    ),
    "class-spheres": InitialisationFamily(
        partial(spheres.class_spheres, second=-1.0),
        "class-spheres:ALPHA",
        "class-spheres:0.3",
        "half of the units face the lowest label's sphere; the others turn away from the sphere of the other labels",
        (),
        ("data", "two classes", "biases"),
    ),
    "class-spheres-inward": InitialisationFamily(
        spheres.class_spheres,
        "class-spheres-inward:ALPHA",
        "class-spheres-inward:0.3",
        "class-spheres with both halves facing their sphere",
        (),
        ("data", "two classes", "biases"),
    ),
    "class-spheres-aligned": InitialisationFamily(
        partial(spheres.class_spheres, second=-1.0, aligned=True),
        "class-spheres-aligned:ALPHA",
        "class-spheres-aligned:0.3",
        "class-spheres with every weight along the axis of largest scatter of its class",
        (),
        ("data", "two classes", "biases"),
    ),
}
"""Every initialisation by its name. BASE is a STD (normal:STD) or the bare name of a law that needs no numbers."""


def parse(spelling: str) -> tuple[Law, Choice]:
    """Return the law that a spelling draws from, and its choice among the draws.

    Raises
    ------
    UnknownNameError
        If there is no such initialisation, or it takes another number of entries.
    NumberError
        If an entry is not a number that makes sense there.
    """
    family, entries = _family(spelling)
    if not family.selects:
        return _made(family, entries, spelling), selection.only
    if not entries:
        raise _misspelled(family, spelling)
    return base(entries[0]), _made(family, entries[1:], spelling)


def reads_data(spelling: str) -> bool:
    """Return whether an initialisation looks at the data, not only at the shape of the network.

    Raises
    ------
    UnknownNameError
        If there is no such initialisation.
    """
    family, _ = _family(spelling)
    return family.selects or "data" in family.needs


def most_draws(spelling: str, restarts: int) -> int:
    """Return how many draws so many restarts take at most, of a spelling that `parse` takes.

    Examples
    --------
    >>> most_draws("normal:0.5", 100), most_draws("best-of:0.5:10", 100), most_draws("dead-data-rejection:0.5", 100)
    (100, 1000, 2000000)
    """
    family, entries = _family(spelling)
    if not family.selects:
        return restarts
    if family.each:
        return restarts * how_many(entries[-1])
    return restarts * selection.ATTEMPTS + (how_many(entries[2]) if len(entries) > 2 else 0)


def _family(spelling: str) -> tuple[InitialisationFamily, list[str]]:
    name, *entries = spelling.split(":")
    if name not in INITIALISATIONS:
        raise UnknownNameError(
            f"Expected an initialisation; got {spelling!r}.", nearest(name.lower(), [*INITIALISATIONS])
        )
    return INITIALISATIONS[name], entries


def base(word: str) -> Law:
    """Return the law of a BASE: a STD, or the bare name of a law that needs no numbers."""
    family = INITIALISATIONS.get(word)
    if family and not family.selects and _takes(family, 0):
        return family.make()  # type: ignore[return-value]
    try:
        rational(word)
    except StabilityError:
        bare = [name for name, entry in INITIALISATIONS.items() if not entry.selects and _takes(entry, 0)]
        raise UnknownNameError(
            f"Expected BASE as a standard deviation or the bare name of a law; got {word!r}.", nearest(word, bare)
        ) from None
    return plain.normal(word)


def _takes(family: InitialisationFamily, entries: int) -> bool:
    parameters = [p for p in signature(family.make).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    return sum(p.default is p.empty for p in parameters) <= entries <= len(parameters)


def _made(family: InitialisationFamily, entries: list[str], spelling: str):  # type: ignore[no-untyped-def]
    if not _takes(family, len(entries)):
        raise _misspelled(family, spelling)
    try:
        return family.make(*entries)
    except StabilityError as error:
        raise type(error)(f"{spelling}: {error.problem[0].lower()}{error.problem[1:]}", error.remedy) from None


def _misspelled(family: InitialisationFamily, spelling: str) -> UnknownNameError:
    return UnknownNameError(f"Expected {family.form}; got {spelling!r}.", f"Write {family.example}.")


def listing() -> list[tuple[str, str]]:
    """Return (form, what it is) of every initialisation."""
    return [(family.form, family.line) for family in INITIALISATIONS.values()]
