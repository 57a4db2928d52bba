"""The command that runs sweeps."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from stability.cli.application import INTERRUPTED, command
from stability.cli.options import Form, Json, file_option, print_result
from stability.errors import StabilityError

PLACE = "Where it is computed"


@command(
    "sweep",
    "stability sweep --list",
    "stability sweep figure-1-coarse --plan",
    "stability sweep figure-1-coarse --set depth=10,50 --export coarse.parquet",
)
def sweep(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="a sweep (--list lists them), or MODULE:GRID for one of your own"),
    ] = None,
    only_status: Annotated[bool, typer.Option("--status", help="say how far it is; compute nothing")] = False,
    only_plan: Annotated[bool, typer.Option("--plan", help="estimate what it costs from some steps")] = False,
    export: Annotated[
        Path | None,
        file_option(
            "--export",
            "-o",
            "--output",
            help="write the results as .parquet, at the end or, with --status, as they are",
            suffixes=(".parquet",),
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", rich_help_panel=PLACE, help="processes; as many as there are cores by default"),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", rich_help_panel=PLACE, help="run on this dask scheduler, tcp://host:8786"),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", rich_help_panel=PLACE, help="where results lie; NAME.sqlite by default"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUES", help="other values, as depth=10,50 or depth=2:150:4; repeatable"),
    ] = None,
    retry_failed: Annotated[bool, typer.Option(help="try failed tasks again")] = False,
    other_code: Annotated[bool, typer.Option(help="export results of other versions of the code as well")] = False,
    as_json: Json = None,
    table: Form = None,
    list_sweeps: Annotated[bool, typer.Option("--list", help="list the sweeps and stop")] = False,
) -> None:
    """Compute a grid of tasks into one file.

    After any interruption the same command goes on where it was.
    """
    from stability.cli import sweep_report as sweeping

    if list_sweeps:
        print_result(sweeping.listed(), as_json, lambda: [sweeping.listing()], table)
        return
    if name is None:
        raise StabilityError("Expected the name of a sweep; got none.", "Write --list for the names.")
    from stability.compute.cost import plan
    from stability.compute.sweep import run_sweep
    from stability.exact.limits import require_workers

    if ":" in name:
        sys.path.insert(0, os.getcwd())
    grid = sweeping.grid_of(name, settings or [])
    file = Path(f"{grid.name}.sqlite") if file is None else file
    if workers is not None:
        require_workers(workers)
    if export is not None:
        sweeping.require_export(export)
    if only_plan:
        count = workers or os.cpu_count() or 1
        groups = plan(grid, file, scheduler=scheduler)
        report = sweeping.plan_report(grid, groups, count)
        print_result(report, as_json, lambda: sweeping.plan_table(groups, count), table)
        return
    summary = None
    if not only_status:
        with sweeping.sweep_bar(grid) as progress:
            summary = run_sweep(
                grid, file, workers=workers, scheduler=scheduler, retry_failed=retry_failed, progress=progress
            )
    report = sweeping.status(grid, file, summary)
    print_result(report, as_json, lambda: sweeping.status_parts(report), table)
    if summary is not None and summary.interrupted:
        raise typer.Exit(INTERRUPTED)
    if export is not None:
        sweeping.export(grid, file, export, other_code)
    if report["failed"] and summary is not None:
        raise typer.Exit(1)
