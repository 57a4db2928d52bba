"""The command that measures what a controller does to training."""

from pathlib import Path
from typing import Annotated

import typer

from stability.cli.application import INTERRUPTED, command
from stability.cli.choices import CONTROL_TASKS, POLICIES, choice_argument, choice_option
from stability.cli.options import Form, Json, count_option, file_option, print_result
from stability.errors import StabilityError

ALARMS, KEPT = "Alarms", "Kept measurements"

RESTARTS, MOONS, DIGITS = 20_000, (4, 1000), (10, 8)
"""Runs of xor, and runs and their length of the other tasks, where nobody says how many."""


@command(
    "control",
    "stability control xor --restarts 2000",
    "stability control xor moons --policy better --policy as-written --json control.json",
    "stability control --false-alarms --failures",
    "stability control --harm --repairs --thin",
)
def control(
    tasks: Annotated[list[str] | None, choice_argument(CONTROL_TASKS, "all by default", metavar="[TASK]...")] = None,
    policy: Annotated[
        list[str] | None, choice_option(POLICIES, help="of interventions; all by default, repeatable")
    ] = None,
    restarts: Annotated[int, count_option(1, help="runs of xor")] = RESTARTS,
    moons_seeds: Annotated[int, count_option(1, help="runs of moons")] = MOONS[0],
    moons_epochs: Annotated[int, count_option(1, help="steps of each")] = MOONS[1],
    digits_seeds: Annotated[int, count_option(1, help="runs of digits")] = DIGITS[0],
    digits_epochs: Annotated[int, count_option(1, help="of each")] = DIGITS[1],
    seed: Annotated[int, count_option(0, help="of the starts; the first one")] = 0,
    workers: Annotated[int | None, count_option(1, help="processes; one per processor by default")] = None,
    as_json: Json = None,
    table: Form = None,
    false_alarms: Annotated[
        bool, typer.Option("--false-alarms", rich_help_panel=ALARMS, help="how often alarms ring in healthy trainings")
    ] = False,
    failures: Annotated[
        bool, typer.Option("--failures", rich_help_panel=ALARMS, help="whether alarms see trainings broken on purpose")
    ] = False,
    harm: Annotated[
        bool, typer.Option("--harm", rich_help_panel=KEPT, help="what controllers cost healthy trainings")
    ] = False,
    repairs: Annotated[
        bool, typer.Option("--repairs", rich_help_panel=KEPT, help="what policies and other remedies do for bad starts")
    ] = False,
    thin: Annotated[
        bool, typer.Option("--thin", rich_help_panel=KEPT, help="what starts and policies do for deep thin networks")
    ] = False,
    measure: Annotated[
        Path | None,
        file_option(
            "--measure",
            help="measure anew into this .sqlite file, or go on there; kept results otherwise",
            suffixes=(".sqlite",),
            panel=KEPT,
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", rich_help_panel=KEPT, help="keep what was measured")] = False,
) -> None:
    """Train with a controller and without, and compare.

    Says how often interventions rescue a run that fails, and how many healthy runs they harm. With --harm, --repairs,
    --thin, --false-alarms or --failures it says instead what was measured of controllers on many kinds of healthy
    trainings, on bad starts and on deep thin networks, and how far the alarms of a monitor can be trusted.
    """
    choices = {"false-alarms": false_alarms, "failures": failures, "harm": harm, "repairs": repairs, "thin": thin}
    asked = [name for name, wanted in choices.items() if wanted]
    if asked:
        others = {
            "--policy": policy is not None,
            "--restarts": restarts != RESTARTS,
            "--moons-seeds": moons_seeds != MOONS[0],
            "--moons-epochs": moons_epochs != MOONS[1],
            "--digits-seeds": digits_seeds != DIGITS[0],
            "--digits-epochs": digits_epochs != DIGITS[1],
            "--seed": seed != 0,
        }
        _refuse_options_of_tasks([name for name, other in others.items() if other], asked)
        _measured(asked, tasks, measure, keep, workers, as_json, table)
        return
    if measure is not None or keep:
        raise StabilityError(
            "Expected --harm, --repairs, --thin or --false-alarms with --measure and --keep; got none.",
            "Add one of them.",
        )
    from stability.cli.intervention_report import policy_tables, report
    from stability.cli.terminal import shown_stages
    from stability.studies.interventions import TASKS, PolicyOutcome, compare_policies, wanted_runs
    from stability.training.control.policies import POLICIES as ALL_POLICIES

    names, policies = tasks or list(TASKS), policy or list(ALL_POLICIES)
    seeds = {"moons": moons_seeds, "digits": digits_seeds}
    epochs = {"moons": moons_epochs, "digits": digits_epochs}
    found: list[PolicyOutcome] = []
    with shown_stages(*names) as progress:
        interrupted = False
        try:
            for each in compare_policies(names, policies, restarts, seeds, epochs, seed, workers, progress):
                found.append(each)
        except KeyboardInterrupt:
            interrupted = True
    print_result(report(found, seed), as_json, lambda: policy_tables(found), table)
    wanted = wanted_runs(names, restarts, seeds)
    if interrupted or any(each.runs < wanted[each.task] for each in found):
        raise typer.Exit(INTERRUPTED)


def _refuse_options_of_tasks(given: list[str], asked: list[str]) -> None:
    """Raise if an option is given that means nothing beside those that ask for what was measured."""
    if given:
        raise StabilityError(
            f"Expected {' and '.join(given)} only with the tasks xor, moons and digits; got "
            f"{' and '.join(f'--{name}' for name in asked)}, whose trainings have settings of their own.",
            f"Leave out {' and '.join(given)}.",
        )


def _measured(
    asked: list[str],
    tasks: list[str] | None,
    measure: Path | None,
    keep: bool,
    workers: int | None,
    as_json: str | None,
    table: str | None,
) -> None:
    options = [f"--{name}" for name in asked]
    if tasks:
        raise StabilityError(
            f"Expected no tasks with {' and '.join(options)}; got {', '.join(tasks)}.", "Ask for one at a time."
        )
    if asked == ["failures"] and (measure is not None or keep):
        raise StabilityError(
            "Expected --harm, --repairs, --thin or --false-alarms with --measure and --keep; got --failures alone, "
            "which are trained anew each time and kept nowhere.",
            "Leave them out, or add one of these.",
        )
    if keep and measure is None:
        raise StabilityError(
            "Expected --measure with --keep; got none.",
            f"Write stability control {' '.join(options)} --measure {asked[0]}.sqlite --keep.",
        )
    if workers is not None and measure is None:
        raise StabilityError(
            f"Expected --workers where many runs are measured; got it with {' and '.join(options)} alone: "
            "kept results are read, and failures are trained one by one, in seconds.",
            "Leave it out." if asked == ["failures"] else "Leave it out, or measure anew with --measure FILE.sqlite.",
        )
    from stability.cli.alarm_report import alarm_report, alarm_tables
    from stability.cli.controller_report import controller_report, controller_tables

    about_alarms = alarm_report("false-alarms" in asked, "failures" in asked, measure, keep, workers)
    about_controllers = controller_report(asked, measure, keep, workers)
    if about_alarms is None or about_controllers is None:
        raise typer.Exit(INTERRUPTED)
    report = {**about_alarms, **about_controllers}
    print_result(report, as_json, lambda: [*alarm_tables(report), *controller_tables(report)], table)
