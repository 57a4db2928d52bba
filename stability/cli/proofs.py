"""Commands that judge, verify and draw."""

from pathlib import Path
from typing import Annotated

import typer

from stability.cli.options import AsJson, Form, app, print_result


@app.command()
def check(
    records: Annotated[list[Path] | None, typer.Argument(help="files or folders", show_default=False)] = None,
    patience: Annotated[int, typer.Option(min=1, max=10**9, help="allow so many times the usual work a record")] = 1,
) -> None:
    """Verify records again, without searching, and say what each concludes.

    The exit status is 0 if all are confirmed, 1 if some are rejected, 2 if something is no record or cannot be read.
    """
    from stability.audit.discovery import proofs_folder
    from stability.checker.checker import main as check_all

    raise typer.Exit(check_all([str(path) for path in records or [proofs_folder() / "records"]], patience))


@app.command()
def audit(
    writeups: Annotated[list[str] | None, typer.Argument(help="ids; all by default", show_default=False)] = None,
    only: Annotated[list[str] | None, typer.Option(help="only the claim with this id")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the result to this file, or - ")] = None,
    fail_on: Annotated[list[str] | None, typer.Option(help="exit with 1 if a claim has this status")] = None,
    record: Annotated[bool, typer.Option("--record", help="renew proofs/records")] = False,
    runs: Annotated[bool, typer.Option(help="compare predictions with training runs")] = True,
    level: Annotated[str, typer.Option(help="quick: kept results of experiments; full: train anew")] = "quick",
    keep: Annotated[
        bool, typer.Option("--keep", help="with --level full: keep the results in proofs/measured")
    ] = False,
    table: Form = None,
) -> None:
    """Give every claim of the write-ups a verdict, with a certificate where it has one."""
    from stability.cli.audit import audit_and_report

    raise typer.Exit(
        audit_and_report(writeups or [], only or [], json_file, fail_on or [], record, runs, level, keep, table)
    )


@app.command()
def crosscheck(
    restarts: Annotated[int, typer.Option(help="runs of the largest comparisons")] = 20_000,
    seed: Annotated[int, typer.Option(help="of the starts")] = 0,
    as_json: AsJson = False,
    table: Form = None,
) -> None:
    """Compare predictions of the exact side with training runs; exit status 1 if one is off."""
    from stability.cli.crosscheck import crosscheck_table
    from stability.io.provenance import provenance
    from stability.studies.crosscheck import crosscheck as compare

    found = compare(restarts, seed)
    data = {**provenance(), "seed": seed, "checks": [each.to_json() for each in found]}
    print_result(data, as_json, lambda: [crosscheck_table(found)], table)
    raise typer.Exit(int(not all(each.agrees for each in found)))


@app.command()
def figures(
    names: Annotated[list[str] | None, typer.Argument(help="all by default", show_default=False)] = None,
) -> None:
    """Draw the figures, as SVG and PNG."""
    from stability.plot.figures import make

    for path in make(names or []):
        print(path)
