"""Commands that judge, verify and draw."""

from pathlib import Path
from typing import Annotated

import typer

from stability.cli.application import command
from stability.cli.choices import LEVELS, ORDERS, STATUSES, choice_option
from stability.cli.options import Form, Json, Seed, count_option, file_option, print_result
from stability.errors import StabilityError

SHOWN = "Shown claims"
"""The group of options that say what the report of an audit shows."""


@command(
    "check",
    "stability check end.json",
    "stability check proofs/records/theorems --json",
)
def check(
    records: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RECORD]...", help="files or folders; all records by default", show_default=False),
    ] = None,
    patience: Annotated[
        int, typer.Option(min=1, max=10**9, metavar="N", help="allow so many times the usual work a record")
    ] = 1,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Verify records again, without searching.

    Says what each concludes. The exit status is 0 if all are confirmed, 1 if some are rejected, 2 if something is no
    record or cannot be read.
    """
    from stability.audit.discovery import proofs_folder
    from stability.checker.checker import main as check_all

    places = [str(path) for path in records or [proofs_folder() / "records"]]
    if as_json is None and table is None:
        raise typer.Exit(check_all(places, patience))
    from stability.checker.checker import exit_status, judged
    from stability.cli.tables import checked_parts, checked_report

    found = list(judged(places, patience))
    print_result(checked_report(found), as_json, lambda: checked_parts(found), table)
    raise typer.Exit(exit_status(found))


@command(
    "audit",
    "stability audit two-relu-xor --json audit.json",
    "stability audit two-relu-xor --html audit.html",
    "stability audit --only angle-rate --only thresholds",
    "stability audit two-relu-xor --status refuted --where 2.3",
    "stability audit --fail-on open",
    "stability audit notes.md --write",
    "stability audit init notes.md",
)
def audit(
    writeups: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WRITEUP]...",
            help="ids, or documents NOTES.md; all ids by default; init NOTES.md proposes blocks for percentages, sums "
            "and tables of successes in it",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="only the claim with this id; repeatable")
    ] = None,
    fail_on: Annotated[
        list[str] | None, choice_option(STATUSES, help="exit with 1 if a claim has this status; repeatable")
    ] = None,
    runs: Annotated[bool, typer.Option(help="compare predictions with training runs")] = True,
    level: Annotated[
        str, choice_option(LEVELS, help="kept results of experiments, or everything trained anew")
    ] = "quick",
    keep: Annotated[
        bool, typer.Option("--keep", help="with --level full: keep the results in proofs/measured")
    ] = False,
    record: Annotated[bool, typer.Option("--record", help="renew proofs/records")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="of documents: write verdicts into the text, records beside it")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="of documents: exit with 1 if verdicts in the text or :expect: disagree")
    ] = False,
    sty: Annotated[
        bool, typer.Option("--sty", help="print where stability.sty is, which sets verdicts in LaTeX, and stop")
    ] = False,
    max_seconds: Annotated[
        float,
        typer.Option(
            "--budget",
            min=0,
            metavar="SECONDS",
            help="of documents: what a measured claim may take, by estimate",
            show_default="60",
        ),
    ] = 60.0,
    everything: Annotated[
        bool, typer.Option("--all", help="show all claims, not the central ones alone", rich_help_panel=SHOWN)
    ] = False,
    order: Annotated[str, choice_option(ORDERS, help="central claims first, or as they stand", panel=SHOWN)] = "weight",
    status: Annotated[
        list[str] | None, choice_option(STATUSES, help="only claims with this status; repeatable", panel=SHOWN)
    ] = None,
    where: Annotated[
        str, typer.Option(metavar="SECTION", help="only claims of this section, as 3.1", rich_help_panel=SHOWN)
    ] = "",
    grep: Annotated[
        str, typer.Option(metavar="WORD", help="only claims with this word in their texts", rich_help_panel=SHOWN)
    ] = "",
    output: Annotated[
        Path | None, file_option("-o", "--output", help="with init: where proposals go; NOTES.proposed.md by default")
    ] = None,
    html: Annotated[
        Path | None, file_option("--html", help="a page that stands alone, with all records, which it verifies itself")
    ] = None,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Give every claim of the write-ups, or of documents, a verdict.

    Prints a page on each document, what stands and what falls, and its central claims; with --only all that is known
    of a claim. Verdicts have a certificate where there is one. The exit status is 1 if a status of --fail-on occurs,
    and 2 if a claim cannot be judged.
    """
    if sty:
        from stability.audit.readers.latex_verdicts import STYLE

        print(STYLE)
        raise typer.Exit
    from stability.cli.audit import Request, audit_and_report
    from stability.cli.audit_report import View

    asked = Request(
        names=writeups or [],
        only=only or [],
        as_json=as_json,
        fail_on=fail_on or [],
        record=record,
        runs=runs,
        level=level,
        keep=keep,
        form=table,
        html=html,
        write=write,
        check=check,
        max_seconds=max_seconds,
        view=View(everything, order, status or [], where, grep),
    )
    if asked.names[:1] == ["init"]:
        from stability.cli.proposing import propose_and_report

        propose_and_report(asked, output)
        return
    if output is not None:
        raise StabilityError("Expected -o with init alone; got it with an audit.", "Write --json FILE instead.")
    raise typer.Exit(audit_and_report(asked))


@command("crosscheck", "stability crosscheck --restarts 2000")
def crosscheck(
    restarts: Annotated[int, count_option(1, help="runs of the largest comparisons")] = 20_000,
    seed: Seed = 0,
    as_json: Json = None,
    table: Form = None,
) -> None:
    """Compare predictions of the exact side with training runs.

    The exit status is 1 if one is off.
    """
    from stability.cli.crosscheck import crosscheck_table
    from stability.cli.terminal import shown_progress
    from stability.io.provenance import provenance
    from stability.studies.crosscheck import crosscheck as compare

    with shown_progress() as progress:
        found = compare(restarts, seed, progress)
    data = {**provenance(), "seed": seed, "checks": [each.to_json() for each in found]}
    print_result(data, as_json, lambda: [crosscheck_table(found)], table)
    raise typer.Exit(int(not all(each.agrees for each in found)))


@command("figures", "stability figures portraits atlas_3d")
def figures(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="all by default", show_default=False)
    ] = None,
    as_json: Json = None,
) -> None:
    """Draw the figures, as SVG and PNG."""
    from stability.plot.figures import make

    found = []
    for path in make(names or []):
        found.append(str(path))
        if as_json is None:
            print(path)
    if as_json is not None:
        print_result({"figures": found}, as_json, lambda: ["\n".join(found)])
