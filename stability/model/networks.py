"""The networks, and how they are spelled."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stability.errors import NumberError, UnknownNameError, require_kind
from stability.exact.numbers import rational
from stability.io.printable import amount, in_ascii
from stability.io.results import Displayed, ResultTable
from stability.model.units import Unit, unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPELLING = re.compile(
    r"(?:(?P<leaky>leaky[^:\[\]]+?)(?::(?=[0-9])|(?=\[))|(?P<unit>[a-z_]+?):?)"
    r"(?:(?P<count>[0-9]{1,6})|\[(?P<weights>[^\[\]]*)\])"
    r"(?P<layer>-out[0-9]{0,3}|-linear)?(?P<bias>\+c)?(?P<unbiased>-nob)?"
)

EXAMPLES = "abs1, relu2, leaky1/100:2, relu[+,-], relu[1,-1/2]+c, relu3-out, relu3-out+c or relu2-linear"


@dataclass(frozen=True, repr=False)
class Network(Displayed):
    """A sum of units with output weights: f(x) = sum over j of a_j unit(w_j . x + b_j), maybe + c.

    Attributes
    ----------
    unit : Unit
    count : int
        How many units there are, k.
    output_weights : tuple of Fraction, optional
        The k fixed output weights, none of them 0; all are 1 if left out.
    trainable : bool
        Whether the output weights are parameters instead.
    output_bias : bool
        Whether there is a parameter c.
    hidden_biases : bool
        Whether the units have biases b_j.
    outputs : int
        How many outputs there are; several have output weights, and biases, of their own.
    one_hot : bool
        Whether the outputs are one for each label 0, 1, ..., with the targets 1 for the label and 0 for the others.

    Raises
    ------
    UnknownNameError
        If there is no unit, an output weight is 0 or one is missing.

    Examples
    --------
    >>> from stability import Network, absolute, relu
    >>> Network(absolute, 2).name, Network(relu, 2, output_weights=(1, -1), output_bias=True).name
    ('abs2', 'relu[+,-]+c')
    """

    unit: Unit
    count: int
    output_weights: tuple[Fraction, ...] | None = None
    trainable: bool = False
    output_bias: bool = False
    hidden_biases: bool = True
    outputs: int = 1
    one_hot: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.count, int) or self.count < 1:
            raise UnknownNameError(
                f"Expected at least one unit; got {self.count!r}.", f"Write {Network(self.unit, 1).name} for one unit."
            )
        if self.output_weights is not None:
            object.__setattr__(self, "output_weights", _fixed(self.output_weights, self.count, self.unit.name))
        if self.trainable and self.output_weights is not None:
            raise UnknownNameError(
                "Expected output weights that are fixed or trainable; got both.",
                f"Write {self.unit.name}[+,-] or {self.unit.name}2-out.",
            )
        if self.outputs < 1 or (self.outputs > 1 and not self.trainable):
            raise UnknownNameError(
                f"Expected one output, or several with trainable output weights; got {self.outputs}.",
                f"Write {self.unit.name}{self.count}-out2 for two outputs.",
            )

    @property
    def weights(self) -> tuple[Fraction, ...]:
        """The fixed output weights, one per unit; those of a trainable output layer count as 1."""
        return self.output_weights or (Fraction(1),) * self.count

    @property
    def is_plain(self) -> bool:
        """Whether it is a sum of units with biases: all output weights 1, no output bias."""
        return self.output_weights is None and not self.trainable and not self.output_bias and self.hidden_biases

    @property
    def name(self) -> str:
        """The spelling, as `network` reads it: "abs1", "relu2", "leaky1/100:2", "relu[+,-]+c", "relu3-out"."""
        separator = ":" if self.unit.name[-1].isdigit() else ""
        many = f"{separator}{self.count}"
        if self.output_weights is not None:
            signs = {Fraction(1): "+", Fraction(-1): "-"}
            many = f"[{','.join(signs.get(a, str(a)) for a in self.output_weights)}]"
        layer = f"-out{self.outputs if self.outputs > 1 else ''}" if self.trainable else ""
        layer = "-linear" if self.one_hot else layer + "+c" * self.output_bias
        return f"{self.unit.name}{many}{layer}{'' if self.hidden_biases else '-nob'}"

    def _table(self) -> ResultTable:
        slopes = f"slope {self.unit.negative} left of 0 and {self.unit.positive} right of it"
        return ResultTable(self.name, finding=f"{self.in_words}, {slopes}")

    @property
    def in_words(self) -> str:
        """What it is, as "the sum of 2 relu units with an output bias"."""
        parts = []
        if self.trainable:
            parts.append("trainable output weights")
        elif self.output_weights is not None:
            parts.append(f"output weights {', '.join(map(str, self.output_weights))}")
        parts += [f"{self.outputs} outputs"] * (self.outputs > 1) + ["an output bias"] * self.output_bias
        said = f" with {' and '.join(parts)}" if parts else ""
        units = amount(self.count, f"{self.unit.name} unit")
        return f"the sum of {units}{'' if self.hidden_biases else ' without biases'}{said}"

    def to_json(self) -> dict[str, Any]:
        """Return the spelling, the number of units, their slopes and the output layer, exact numbers as text."""
        unit = self.unit
        slopes = {"-": str(unit.negative), "0": str(unit.kink_slope), "+": str(unit.positive)}
        return {"name": self.name, "unit": unit.name, "count": self.count, "slopes": slopes, **self.to_record()}

    def to_record(self) -> dict[str, Any]:
        """Return the output layer as certificates hold it; nothing for a plain sum of units."""
        found: dict[str, Any] = {}
        if self.trainable:
            found["output_weights"] = "trainable"
        elif self.output_weights is not None:
            found["output_weights"] = [str(a) for a in self.output_weights]
        if self.output_bias:
            found["output_bias"] = True
        if not self.hidden_biases:
            found["hidden_biases"] = False
        if self.outputs > 1:
            found["outputs"] = self.outputs
        if self.one_hot:
            found["one_hot"] = True
        return found

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the activation of its units, and the slope that training takes at the kink; return the Axes."""
        from stability.plot.units import draw_unit

        unit = self.unit
        return draw_unit(ax, unit.name, float(unit.negative), float(unit.positive), float(unit.kink_slope))


def _fixed(weights: Sequence[Any], count: int, name: str) -> tuple[Fraction, ...] | None:
    """Return fixed output weights, or None where all are 1."""
    found = tuple(rational(a) for a in weights)
    if len(found) != count:
        raise UnknownNameError(
            f"Expected an output weight for each of {amount(count, 'unit')}; got {len(found)}.",
            f"Write {name}[{','.join('+' * count)}].",
        )
    if not all(found):
        raise UnknownNameError(
            "Expected output weights other than 0; got 0.", "Leave the unit out: it never changes the output."
        )
    return None if all(a == 1 for a in found) else found


def network(spelling: str) -> Network:
    """Return the network with this spelling.

    A unit and a count, as "abs1", "relu2" or "leaky1/100:2", is a sum of units. In brackets stand fixed output weights,
    as in "relu[+,-]" or "leaky1/100[1,-1/2]"; "-out" makes them trainable ("relu3-out", "relu3-out2" with two outputs).
    "+c" adds an output bias, "-nob" at the end takes the biases of the units away. "relu3-linear" has one output with
    its weights and bias for each label 0, 1, ..., and one-hot targets.

    Raises
    ------
    UnknownNameError
        If the unit is unknown, the count is missing or 0, or an output weight is 0.

    Examples
    --------
    >>> from stability import network
    >>> network("leaky1/100:2").unit.negative
    Fraction(1, 100)
    >>> network("relu[+,-]+c").output_weights, network("relu[+,+]") == network("relu2")
    ((Fraction(1, 1), Fraction(-1, 1)), True)
    """
    require_kind(spelling, str, "the spelling of a network", 'Write "abs1", or "leaky1/100:2".')
    parts = SPELLING.fullmatch(spelling)
    twice = re.fullmatch(r"(.*?):?([0-9]{1,6})(\[[^\[\]]*\].*)", spelling)
    if parts is None and twice is not None and SPELLING.fullmatch(twice[1] + twice[3]):
        own, more = network(twice[1] + twice[3]), ",".join("+" * min(int(twice[2]), 9))
        raise UnknownNameError(
            f"Expected either a count or an output weight for each unit; got {spelling!r}, with {twice[2]} and "
            f"{own.count}.",
            f"Write {own.name} for {amount(own.count, 'unit')}, or {twice[1]}[{more}].",
        )
    if parts is None or (parts["unit"] or "").startswith("leaky"):
        raise UnknownNameError(
            f"Expected a unit name and a count; got {spelling!r}.",
            in_ascii(spelling) or _meant(spelling) or f"Write {EXAMPLES}.",
        )
    kind, layer = unit(parts["leaky"] or parts["unit"]), parts["layer"] or ""
    weights = None if parts["weights"] is None else _weights(parts["weights"], spelling)
    count = int(parts["count"]) if weights is None else len(weights)
    if layer == "-linear" and (weights or parts["bias"] or parts["unbiased"]):
        raise UnknownNameError(
            f"Expected nothing but a unit and a count before -linear, and nothing behind it; got {spelling!r}.",
            f"Write {kind.name}2-linear, which has output biases, or {kind.name}2-out+c for one output.",
        )
    return Network(
        kind,
        count,
        None if weights is None else tuple(weights),
        trainable=bool(layer),
        output_bias=bool(parts["bias"]) or layer == "-linear",
        hidden_biases=not parts["unbiased"],
        outputs=2 if layer == "-linear" else int(layer.removeprefix("-out") or 1) if layer else 1,
        one_hot=layer == "-linear",
    )


def _meant(spelling: str) -> str:
    """Return a question with the network that capitals, underscores or a missing - hide; "" where there is none."""
    plain = re.sub(r"[-_]?(out|linear|nob)(?=[0-9+-]|$)", r"-\1", spelling.lower().replace(" ", ""))
    try:
        return f"Did you mean {network(plain).name}?" if plain != spelling and SPELLING.fullmatch(plain) else ""
    except UnknownNameError:
        return ""


def _weights(text: str, spelling: str) -> list[Fraction]:
    signs = {"+": Fraction(1), "-": Fraction(-1)}
    found = []
    for entry in (part.strip() for part in text.split(",")):
        try:
            found.append(signs[entry] if entry in signs else rational(entry))
        except NumberError as error:
            raise UnknownNameError(
                f"Expected output weights in the brackets of {spelling!r}; got {entry!r}.",
                f"Write + or -, or numbers such as 1/2, with commas between. {error.remedy}".strip(),
            ) from None
    return found
