"""A command line run in this process: it must end as expected, and errors are raised as Python raises them."""

from typer.testing import CliRunner

from stability.cli.main import app
from stability.errors import StabilityError


def invoked(*arguments, status=0):
    """Return what a command left: its stdout, its stderr and its exit status."""
    found = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(found.exception, StabilityError):
        raise found.exception
    assert found.exit_code == status, found.output
    return found


def printed(*arguments, status=0):
    """Return what a command prints."""
    return invoked(*arguments, status=status).stdout


def cells(table):
    """Return the head and the rows of a table of the screen, as texts."""
    columns = [[str(cell) for cell in column.cells] for column in table.columns]
    return [str(column.header) for column in table.columns], [list(row) for row in zip(*columns, strict=True)]


def wilson_by_roots(hits, runs, z):
    """Return Wilson's interval as the p where (hits/runs - p)^2 = z^2 p (1 - p) / runs."""
    p, square = hits / runs, z * z / runs
    middle, rest = (2 * p + square) / (2 * (1 + square)), p * p / (1 + square)
    half = max(middle * middle - rest, 0.0) ** 0.5
    return middle - half, middle + half
