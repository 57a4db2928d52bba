"""The table of alarms: quantity read, limit, meaning, cause, remedy and evidence; and readings judged by it.

The fields of `Limits`, the alarms of readings, the marks in the figure, the alarms that a controller's rules answer,
and the tables in docs/monitor.md follow from `ALARMS`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from stability.io.printable import amount
from stability.io.results import Displayed, ResultTable, json_data
from stability.training.monitoring import alarm_kinds as read
from stability.training.monitoring import remedies
from stability.training.monitoring.alarm_kinds import AlarmKind
from stability.training.monitoring.limits import Limits
from stability.training.monitoring.readings import LayerReading, Reading

__all__ = ["ALARMS", "Alarm", "AlarmKind", "Limits", "reading_of"]


@dataclass(frozen=True, slots=True, repr=False)
class Alarm(Displayed):
    """A number that is out of its limit.

    Attributes
    ----------
    kind : str
        A key of `ALARMS`.
    layer : str
        The name of the layer, as torch has it; empty for the whole network.
    value, limit : float
        The number at the latest reading that raised it.
    of : str
        Which quantity it is, where the alarm reads several.
    since : int or None
        The step of the first reading that raised it; None of an alarm that no monitor followed.
    steps, readings : int
        How long it has lasted, from that step to that of the latest reading that raised it; in how many readings.
    after : int or None
        The step of the reading before the first one that raised it: it began after that; None if there was none.

    Examples
    --------
    >>> alarm = Alarm("no torque", "net.2", 0.0012, 0.01, since=100, steps=300, readings=4)
    >>> print(alarm)
    no torque at net.2: 0.0012 (limit 0.01), for 300 steps since step 100
    >>> print(alarm.explanation)
    note: descent rescales the units of the layer and does not turn them
    quantity: torque_mean, where gradient_norm is above gradient
    likely cause: units that only need to grow, or a trap of the loss
    try: nothing while the loss falls; else another start or a larger step
    """

    kind: str
    layer: str
    value: float
    limit: float
    of: str = ""
    since: int | None = None
    steps: int = 0
    readings: int = 1
    after: int | None = None

    def __str__(self) -> str:
        where = f" at {self.layer}" if self.layer else ""
        if isnan(self.limit):
            return f"{self.kind}{where}{self.of and f': {self.of}'}{self.duration}"
        of = self.of and f"{self.of} "
        advice = f"; {self.remedy}" if callable(ALARMS[self.kind].remedy) else ""
        return f"{self.kind}{where}: {of}{self.value:.3g} (limit {self.limit:.3g}){self.duration}{advice}"

    def _table(self) -> ResultTable:
        return ResultTable(str(self))

    @property
    def explanation(self) -> str:
        """Its level, what it means, of which number, where it likely comes from, and what to try, in a line each."""
        of = "" if self.of else self.quantity
        said = (self.level, self.meaning), ("quantity", of), ("likely cause", self.cause), ("try", self.remedy)
        return "\n".join(f"{what}: {words}" for what, words in said if words)

    def to_json(self) -> dict[str, Any]:
        """Return its numbers, and what the table says of it; None for what is not finite."""
        said = {name: getattr(self, name) for name in ("level", "quantity", "meaning", "cause", "remedy")}
        found: dict[str, Any] = json_data(asdict(self) | said)
        return found

    @property
    def duration(self) -> str:
        """How long it has lasted, in words; empty if it has just begun."""
        return f", for {amount(self.steps, 'step')} since step {self.since}" if self.steps else ""

    @property
    def quantity(self) -> str:
        """Which number is out of its limit."""
        return self.of or ALARMS[self.kind].number.replace("`", "")

    @property
    def level(self) -> str:
        """Either note, warning or trouble."""
        return ALARMS[self.kind].level

    @property
    def meaning(self) -> str:
        """What it says of the network, in words."""
        return ALARMS[self.kind].meaning

    @property
    def cause(self) -> str:
        """What it most likely comes from."""
        return ALARMS[self.kind].cause

    @property
    def panels(self) -> tuple[str, ...]:
        """Titles of the panels of `Monitor.figure` that show it."""
        return ALARMS[self.kind].panels

    @property
    def remedy(self) -> str:
        """What to try. See docs/monitor.md."""
        remedy = ALARMS[self.kind].remedy
        return remedy.replace("`", "") if isinstance(remedy, str) else remedy(self)


LOSSES, START, UNITS = "Losses and norms", "Pre-activations", "Units"
_SMALLER_STEP = "a smaller learning rate, warm-up, or clipping of the gradient"
_REVIVE = "initialise the layer anew, or a `Controller`, which revives it"
_EXPLODING = (
    ("weights", "`weight_norm` of the network", read.grown("weight_norm"), LOSSES, "growth", 1),
    ("gradient", "`gradient_norm` of the network", read.grown("gradient_norm"), LOSSES, "growth", 1),
    ("loss", "`loss`", read.grown("loss"), LOSSES, "loss_growth", 2),
    ("pre-activations", "`largest_preactivation` of a layer", read.grown_preactivations, START, "growth", 1),
)

ALARMS: dict[str, AlarmKind] = {
    kind.name: kind
    for kind in (
        AlarmKind(
            "not finite",
            "pre-activations, weights, gradients, loss",
            "a number is infinite or nan, and no later step mends a nan in a weight",
            (LOSSES, START),
            of_network=read.not_finite,
            level="trouble",
            cause="a step too large, a division by zero or a logarithm of zero in the loss, 16 bits without scaling, "
            "or nan in the data; what is named comes first, but weights where steps are left out between readings",
            remedy=remedies.look,
            evidence="sums and products with nan are nan (IEEE 754)",
        ),
        AlarmKind(
            "dead data",
            "`dead_fraction` of a layer, and of the network",
            "no unit lets these examples through, so they give no gradient there",
            ("Dead data",),
            "dead_fraction",
            rule="the largest share of dead examples of a layer",
            of_network=read.dead_data,
            of_layer=read.dead_examples,
            cause="biases far below zero, few units, or a step that threw them there",
            remedy=_REVIVE,
            evidence="`dead_region_is_a_plateau`; half of the data is dead at wherever two units fit XOR "
            "(`exact_fit_has_dead_data`)",
        ),
        *(
            AlarmKind(
                f"exploding {what}",
                f"{number}, as a multiple of that at the first reading or of 1",
                f"the {what} grew out of all proportion since the first reading",
                (panel,),
                limit,
                of_network=number_of,
                level="trouble",
                readings=readings,
                cause="a learning rate above what the curvature allows",
                remedy=_SMALLER_STEP,
                evidence="`full_torque_does_not_tame_a_step`; weights of separable data grow only as the logarithm of "
                "the steps (Soudry et al., 2018)",
            )
            for what, number, number_of, panel, limit, readings in _EXPLODING
        ),
        AlarmKind(
            "large start",
            "`largest_preactivation`, `largest_output`, as a multiple of `largest_input` or of 1",
            "the initial weights are far too large; the first layer beyond the limit is named",
            (START,),
            "scale",
            of_network=read.large_start,
            remedy=remedies.divide,
            level="trouble",
            cause="weights drawn without regard to how many inputs a unit has",
            evidence="initialisations that keep variances (He et al., 2015) give less than 10 or so",
        ),
        AlarmKind(
            "small start",
            "`largest_range` of a layer, as a multiple of `largest_input`",
            "units hardly distinguish the examples before the first step; the first such layer is named",
            (START,),
            "small_scale",
            above=False,
            of_network=read.small_start,
            cause="weights drawn far too small, which leaves biases alone, or inputs with a large common part",
            remedy="initialise the weights up to this layer by `torch.nn.init.kaiming_normal_`, or the network by "
            "`initialise_`; centre the inputs",
            evidence="healthy starts have 0.06 or more in each layer; stacks of torch's linear layers of 64 units 1e-6 "
            "at 16 layers, which learn digits slowly, and 4e-8 at 20, which do not; 32 bits hold about 7 digits",
        ),
        AlarmKind(
            "dead from initialisation",
            "`dead_units` / `units` at the first reading and now, whichever is less",
            "these units were off at all examples before the first step, and still are; the first such layer is named",
            (UNITS,),
            "dead_start",
            of_network=read.dead_start,
            level="trouble",
            cause="initial biases far below zero, weights of a wrong scale, or inputs that are not centred",
            remedy=_REVIVE,
            evidence="random ReLU layers of finite width are dead with a probability that grows with depth "
            "(Lu et al., 2020); `units_facing_away_stay_dead`",
        ),
        AlarmKind(
            "large update",
            "`update_ratio` of the network",
            "one step replaces a large share of the weights; the layer that moves most is named",
            (LOSSES,),
            "update_ratio",
            of_network=read.update,
            readings=2,
            cause="a learning rate far too large for weights of this size",
            remedy=_SMALLER_STEP,
            evidence="trainings that work move weights by about a thousandth a step; weights that begin at zero move "
            "by their own size once",
        ),
        AlarmKind(
            "no update",
            "`update_ratio` of the network, where `gradient_norm` is above `gradient`: at `learning_rates` of 0, or "
            "`step_gradient_norm` 0, or while the loss is above `unlearned` of the first",
            "the weights stand still although there is a gradient",
            (LOSSES,),
            "no_update",
            above=False,
            of_network=read.no_update,
            readings=3,
            cause="a schedule that gives a learning rate of 0, `zero_grad` between the backward pass and the step, an "
            "optimiser that does not hold the weights, steps that a `GradScaler` skips, or steps too small for the "
            "numbers; the quantity says which, where it is certain",
            remedy=remedies.move,
            evidence="a step of 0 is no step; a schedule that begins or ends at 0 has one or two of them",
        ),
        AlarmKind(
            "gradient kept",
            "`gradient_kept`",
            "the gradient of the step before is still in that of this step",
            (LOSSES,),
            "gradient_kept",
            of_network=read.kept_gradient,
            readings=3,
            cause="`zero_grad` is not called, or for other parameters",
            remedy="`optimizer.zero_grad()` before the backward pass, once for each step",
            evidence="torch adds gradients to those that are there; it is raised where the same tensor is still there, "
            "not 0 and written into by backward passes alone",
        ),
        AlarmKind(
            "dead units",
            "`dead_units` / `units`",
            "these units are off at all examples of the batch and get no gradient from it",
            (UNITS,),
            "dead_units",
            of_layer=read.dead_units,
            cause="a step that threw them, biases far below zero, or more units than the data need",
            remedy="nothing if the loss falls; else a smaller learning rate, leaky units, or a `Controller`",
            evidence="`units_facing_away_stay_dead`; up to 0.72 of a layer in healthy trainings "
            "(`stability control --false-alarms`)",
        ),
        AlarmKind(
            "affine units",
            "`affine_units` / `units`",
            "the layer does not fold the batch, so it is affine there and its activation does nothing",
            (UNITS,),
            "affine_units",
            of_layer=read.affine_units,
            level="note",
            readings=3,
            cause="biases far above zero, or inputs that are not centred",
            remedy="centre what goes into the layer (a normalisation), or initialise it anew by the data",
            evidence="`best_affine_fit_is_a_trap`, `seeing_everything_is_a_trap`",
        ),
        AlarmKind(
            "no torque",
            "`torque_mean`, where `gradient_norm` is above `gradient`",
            "descent rescales the units of the layer and does not turn them",
            ("Torque",),
            "torque",
            above=False,
            rule="the smallest mean torque of a layer",
            of_layer=read.torque,
            level="note",
            cause="units that only need to grow, or a trap of the loss",
            remedy="nothing while the loss falls; else another start or a larger step",
            evidence="`no_torque_on_the_way_to_a_fit`",
        ),
        AlarmKind(
            "bias freeze",
            "`bias_change` by the learning rate, while the loss is above `unlearned` of the first",
            "the biases of the layer stand still",
            ("Biases",),
            "bias_change",
            above=False,
            of_layer=read.bias_change,
            level="note",
            readings=3,
            cause="no gradient (the layer is dead or saturated, or behind one that is), steps too small for the "
            "numbers, or no optimiser that holds them",
            remedy="look at the gradient of the layer, at its other alarms, and at what the optimiser holds",
            evidence="`frozen_biases_at_best_and_at_worst`",
        ),
        AlarmKind(
            "vanishing gradient",
            "`gradient_norm` of a layer / the longest of any layer",
            "the gradient hardly reaches the layer",
            ("Gradient flow",),
            "gradient_ratio",
            above=False,
            of_layer=read.gradient_ratio,
            readings=3,
            cause="many layers whose weights are too small, or dead or saturated units: its own, or beside it",
            remedy="an initialisation that keeps variances, skip connections, or a normalisation",
            evidence="32 bits hold about 7 digits: beside steps a million times longer such a layer stands still",
        ),
        AlarmKind(
            "plateau",
            "`output_change` or `output_spread`, while the loss is above `unlearned` of the first; of a controller's "
            "rule: fall of the loss below the lowest at earlier readings, as a share of that",
            "stuck: outputs and loss are at rest while examples are wrong",
            (LOSSES,),
            "rest",
            above=False,
            rule="the smallest fall of the loss between readings, as a share",
            of_network=read.rest,
            level="trouble",
            readings=20,
            cause="a dead layer (outputs are the same for all examples), or a trap of the loss",
            remedy="another start, or a `Controller`",
            evidence="`dead_region_is_a_plateau`, `best_affine_fit_is_a_trap`",
        ),
    )
}
"""Every alarm, by name, in the order in which they are raised: those of the network, then those of each layer."""


def reading_of(plain: Mapping[str, Any]) -> Reading:
    """Return the reading that `dataclasses.asdict` made into plain data."""
    layers = tuple(LayerReading(**each) for each in plain["layers"])
    found = {"layers": layers, "alarms": tuple(Alarm(**each) for each in plain["alarms"])}
    known = {name: tuple(plain[name]) for name in ("skipped", "not_finite", "learning_rates") if name in plain}
    return Reading(**{**plain, **found, **known})
