"""The command that measures what a controller does to training."""

from typing import Annotated

import typer

from stability.cli.options import AsJson, Form, app, print_result


@app.command()
def heal(
    tasks: Annotated[list[str] | None, typer.Argument(help="xor, moons, digits; all by default")] = None,
    policy: Annotated[list[str] | None, typer.Option(help="of repairs; all by default, may be repeated")] = None,
    restarts: Annotated[int, typer.Option(help="runs of xor")] = 20_000,
    moons_seeds: Annotated[int, typer.Option(help="runs of moons")] = 4,
    moons_epochs: Annotated[int, typer.Option(help="steps of each")] = 1000,
    digits_seeds: Annotated[int, typer.Option(help="runs of digits")] = 10,
    digits_epochs: Annotated[int, typer.Option(help="of each")] = 8,
    seed: Annotated[int, typer.Option(help="of the starts; the first one")] = 0,
    workers: Annotated[int | None, typer.Option(help="processes; one per processor by default")] = None,
    as_json: AsJson = False,
    table: Form = None,
) -> None:
    """Train with a controller that repairs networks and without; say how often that helps, and whom it harms."""
    from stability.cli.intervention_report import healing_tables, report
    from stability.cli.terminal import progress_bar
    from stability.studies.interventions import TASKS, Healed, heal, wanted_runs
    from stability.training.control.policies import POLICIES

    names, policies = tasks or list(TASKS), policy or list(POLICIES)
    seeds = {"moons": moons_seeds, "digits": digits_seeds}
    epochs = {"moons": moons_epochs, "digits": digits_epochs}
    found: list[Healed] = []
    with progress_bar() as progress:
        bars = {name: progress.add_task(name, total=None) for name in names}

        def tell(name: str, done: int, total: int) -> None:
            progress.update(bars[name], completed=done, total=total)

        interrupted = False
        try:
            for each in heal(names, policies, restarts, seeds, epochs, seed, workers, tell):
                found.append(each)
        except KeyboardInterrupt:
            interrupted = True
    print_result(report(found, seed), as_json, lambda: healing_tables(found), table)
    wanted = wanted_runs(names, restarts, seeds)
    if interrupted or any(each.runs < wanted[each.task] for each in found):
        raise typer.Exit(130)
