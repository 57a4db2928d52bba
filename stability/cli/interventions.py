"""The command that measures what a controller does to training."""

from typing import Annotated

import typer

from stability.cli.application import INTERRUPTED, command
from stability.cli.choices import CONTROL_TASKS, POLICIES, choice_argument, choice_option
from stability.cli.options import Form, Json, count_option, print_result


@command(
    "control",
    "stability control xor --restarts 2000",
    "stability control xor moons --policy better --policy as-written --json control.json",
)
def control(
    tasks: Annotated[list[str] | None, choice_argument(CONTROL_TASKS, "all by default", metavar="[TASK]...")] = None,
    policy: Annotated[
        list[str] | None, choice_option(POLICIES, help="of interventions; all by default, repeatable")
    ] = None,
    restarts: Annotated[int, count_option(1, help="runs of xor")] = 20_000,
    moons_seeds: Annotated[int, count_option(1, help="runs of moons")] = 4,
    moons_epochs: Annotated[int, count_option(1, help="steps of each")] = 1000,
    digits_seeds: Annotated[int, count_option(1, help="runs of digits")] = 10,
    digits_epochs: Annotated[int, count_option(1, help="of each")] = 8,
    seed: Annotated[int, count_option(0, help="of the starts; the first one")] = 0,
    workers: Annotated[int | None, count_option(1, help="processes; one per processor by default")] = None,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Train with a controller and without, and compare.

    Says how often interventions rescue a run that fails, and how many healthy runs they harm.
    """
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
