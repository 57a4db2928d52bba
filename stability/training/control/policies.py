"""The rules by which a controller intervenes: policies as data, and a table of them."""

from dataclasses import dataclass, fields, replace
from math import inf

from stability.errors import NumberError, StabilityError, UnknownNameError, nearest, require_kind
from stability.io.printable import amount, printable
from stability.training.control.interventions import RESCALING, SMALLER_STEP, WHOLE, Intervention
from stability.training.monitoring.alarms import ALARMS

ANSWERED = tuple(kind.name for kind in ALARMS.values() if kind.rule)
"""The alarms that a rule may answer, wherever they are, at every reading."""

COLLAPSED = ("vanishing gradient", "small start")
STARTS = ("large start", *COLLAPSED)
EXPLODING, GROWING = "exploding loss", "exploding weights"
WHOLE_NETWORK = (EXPLODING, GROWING, *STARTS)
"""Further alarms that a rule may answer by an intervention on the whole network; `STARTS` at the first reading only."""

EVIDENCE = ("collapse", "dead data")
"""That a network holds its loss up: no unit of its last layer of ReLUs is on for some examples of the batch and off for
others, so that the layer separates none; an example with a high loss has no active unit in some layer.
"""

FEWEST_UNITS, FEWEST_EXAMPLES = 2, 4
"""In smaller layers, and on smaller batches, that no unit separates examples is no sign of anything."""


@dataclass(frozen=True, repr=False)
class Rule:
    """When there is an alarm, and which interventions answer it.

    Attributes
    ----------
    alarm : str
        One of `ANSWERED` or `WHOLE_NETWORK`.
    interventions : tuple of Intervention
        The first is tried first, the next one if the alarm is there at a later reading; the last one again and again.
    limit : float
        dead data: a larger share of dead examples of a layer is an alarm. no torque: a smaller mean torque. plateau: a
        smaller fall of the loss below the lowest at earlier readings since the last intervention, as a share of that.
        large start: a larger pre-activation or output, as a multiple of the largest input or of 1. vanishing gradient:
        a smaller gradient of a layer by its weight, as a share of the longest, but for layers where it is exactly 0, as
        before one that begins at zero; 0 where a layer has no active unit at any example. small start: a smaller
        distance between examples in every unit of a layer, as a multiple of the largest input. exploding loss: a larger
        multiple of the lowest loss or of 1; a number that is not finite as well. exploding weights: a larger multiple
        of the norm of all weights at the reading before, or of the root of a third of the number of units, which is
        about that of weights as torch draws them.
    gradient : float
        no torque: only if the gradient by the layer's weight is longer.
    level : float or None
        dead data: only examples whose loss is above it count; where losses by example are not given, only more than
        half of the examples are an alarm. no torque, plateau: only while the loss is above it.
    fall : float or None
        no torque, exploding weights: only if the loss fell by a smaller share, as for a plateau, where it is known.
    readings : int
        How many readings in a row must be out of bounds before the first intervention.
    evidence : tuple of str
        plateau: only once one of these was seen at a plateau of this run, since a loss may also rest because it cannot
        fall, as where labels are noisy; see `EVIDENCE`. Empty if every plateau counts.
    first_only : bool
        Of several layers in alarm only the first in the order of the computation is changed: what comes later may be
        its consequence.
    """

    alarm: str
    interventions: tuple[Intervention, ...]
    limit: float = 0.0
    gradient: float = 0.0
    level: float | None = None
    fall: float | None = None
    readings: int = 1
    evidence: tuple[str, ...] = ()
    first_only: bool = False

    def __repr__(self) -> str:
        given = {each.name: getattr(self, each.name) for each in fields(self)[2:]}
        usual = {each.name: each.default for each in fields(self)}
        words = [_in_words(name, value) for name, value in given.items() if value != usual[name]]
        return "; ".join([f"{self.alarm}: {', then '.join(map(str, self.interventions))}", *words])

    def __post_init__(self) -> None:
        if self.alarm not in (*ANSWERED, *WHOLE_NETWORK):
            names = [*ANSWERED, *WHOLE_NETWORK]
            raise UnknownNameError(f"Expected an alarm; got {self.alarm!r}.", nearest(str(self.alarm), names))
        if any((each.kind in WHOLE) != (self.alarm in WHOLE_NETWORK) for each in self.interventions):
            raise StabilityError(
                f"Expected interventions on the whole network for {' and '.join(WHOLE_NETWORK)}, and only for these; "
                f"got {', '.join(each.kind for each in self.interventions)} for {self.alarm}.",
                f"Use {' or '.join(WHOLE)} there.",
            )
        for each in self.evidence:
            if each not in EVIDENCE:
                raise UnknownNameError(f"Expected evidence; got {each!r}.", nearest(str(each), list(EVIDENCE)))
        upper = inf if self.alarm in WHOLE_NETWORK else 1
        if not self.interventions or self.readings < 1 or not 0 <= self.limit <= upper or not self.gradient >= 0:
            raise NumberError(
                f"Expected at least one intervention and reading, a limit from 0 to 1 and a gradient of at least 0; "
                f"got {len(self.interventions)}, {self.readings}, {self.limit} and {self.gradient}.",
                "Write Rule('dead data', (Intervention('revival', 0.1),), level=0.1).",
            )


@dataclass(frozen=True, repr=False)
class Policy:
    """What a controller does.

    Attributes
    ----------
    name : str
    rules : tuple of Rule
        At most one for each alarm.
    cooldown : int
        Fewest steps between two interventions at one layer for one alarm.
    max_tries : int
        After so many interventions at one layer for one alarm it gives up there.
    until : int or None
        Only readings of earlier steps are answered; None for all.

    Examples
    --------
    >>> from stability import Policy
    >>> Policy("monitor only", rules=(), cooldown=50)
    policy monitor only: at most 10 attempts, 50 steps apart
    """

    name: str
    rules: tuple[Rule, ...]
    cooldown: int = 0
    max_tries: int = 10
    until: int | None = None

    def __repr__(self) -> str:
        apart = f", {amount(self.cooldown, 'step')} apart" if self.cooldown else ""
        until = "" if self.until is None else f", until step {self.until:,}"
        head = f"policy {self.name}: at most {amount(self.max_tries, 'attempt')}{apart}{until}"
        return printable("\n".join([head, *(f"  {rule}" for rule in self.rules)]))

    def __post_init__(self) -> None:
        kinds = [rule.alarm for rule in self.rules]
        if len({*kinds}) < len(kinds) or self.cooldown < 0 or self.max_tries < 0 or (self.until or 0) < 0:
            raise StabilityError(
                f"Expected one rule for each alarm, and cooldown, max_tries and until of at least 0; got rules for "
                f"{kinds}, {self.cooldown}, {self.max_tries} and {self.until}.",
                "Put the interventions for one alarm into one rule.",
            )


def _in_words(name: str, value: object) -> str:
    """Return a setting of a rule, as "level 0.1" or "first only"."""
    words = name.replace("_", " ")
    return words if value is True else f"{words} {' or '.join(value) if isinstance(value, tuple) else value}"


def policy_named(name: str) -> Policy:
    """Return a policy by name.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in POLICIES:
        raise UnknownNameError(f"Expected the name of a policy; got {name!r}.", nearest(str(name), list(POLICIES)))
    return POLICIES[name]


def policy_of(given: str | Policy) -> Policy:
    """Return a policy by name, or one that is given.

    Raises
    ------
    UnknownNameError, KindError
        If there is none of that name; if it is neither.
    """
    if isinstance(given, str):
        return policy_named(given)
    require_kind(given, Policy, "the name of a policy, or a Policy", 'Write "better".')
    return given


def adapted(
    policy: Policy, level: float | None = None, readings: int | None = None, penalty: float | None = None
) -> Policy:
    """Return a policy for another loss, noisier losses, or larger networks.

    Parameters
    ----------
    policy : Policy
    level : float, optional
        From where losses count as high, for all rules that look at losses.
    readings : int, optional
        How many readings in a row show a plateau: more than one where losses are those of mini-batches.
    penalty : float, optional
        The weight of all penalties.
    """
    rules = []
    for rule in policy.rules:
        own = tuple(replace(r, size=penalty) if r.lasts and penalty is not None else r for r in rule.interventions)
        high = rule.level if rule.level is None or level is None else level
        count = rule.readings if rule.alarm != "plateau" or readings is None else readings
        rules.append(replace(rule, interventions=own, level=high, readings=count))
    return replace(policy, rules=tuple(rules))


_WARM_UP, _REVIVAL = Intervention("bias warm-up", 0.01), Intervention("revival", 0.1)
_LEAKY, _EMPLOY = Intervention("leaky slope", 0.01, 100), Intervention("employment of dead units", 0.1)
_LOW_TORQUE = Rule("no torque", (Intervention("tangential ascent", 0.1), _LEAKY), limit=0.01, gradient=1e-6)
_TURNS = (Intervention("tangential descent", 0.1), Intervention("random rotation", 0.1), _LEAKY)
_REVIVE = Rule("dead data", (_REVIVAL,), level=0.1)
_CONSTRAINT = Intervention("separation", 0.01, 500)
_STUCK = Rule("plateau", (_CONSTRAINT, _EMPLOY), limit=0.01, level=0.1, evidence=("collapse",))
_SCALED = (Intervention(RESCALING, 1.0),)
_SAFE = (
    Rule(EXPLODING, (Intervention(SMALLER_STEP, 0.1),), limit=10.0),
    Rule(GROWING, (Intervention(SMALLER_STEP, 0.1),), limit=3.0, fall=0.1),
    Rule("large start", _SCALED, limit=100.0),
    Rule("vanishing gradient", _SCALED, limit=1e-4),
    Rule("small start", _SCALED, limit=1e-6),
)

POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("as-written", (Rule("dead data", (_WARM_UP,)), _LOW_TORQUE)),
        Policy(
            "corrected",
            (
                Rule("dead data", (_WARM_UP,), level=0.1),
                replace(_LOW_TORQUE, interventions=_TURNS, level=0.1, fall=0.01),
            ),
        ),
        Policy("revive-by-bias", (Rule("dead data", (Intervention("revival by bias", 0.1),), level=0.1),)),
        Policy("revive", (_REVIVE,)),
        Policy("separate", (Rule("dead data", (Intervention("separation of points", 0.4),), level=0.1),)),
        Policy("constrain", (replace(_STUCK, interventions=(_CONSTRAINT,), evidence=()),)),
        Policy("better", (_REVIVE, _STUCK)),
        Policy("careful", (*_SAFE, _REVIVE, _STUCK)),
    )
}
"""The table of interventions of prototype-surface-control, section 5, as written; the same with its faults corrected;
revivals alone; a penalty alone, for dead examples or for plateaus; revivals, and against plateaus a penalty, then work
for dead units; the same with a way back from a step too large, and layers scaled by the data at a bad start.

The table names no numbers; those here are ours. Losses of examples above 0.1 count as high, which suits squared errors
of labels 0 and 1; see `adapted`.
"""
