"""Tables of exact numbers read from CSV files, with the position of every error."""

import csv
from fractions import Fraction
from io import StringIO
from pathlib import Path

from stability.errors import DataError, MissingDataError, NumberError
from stability.exact.numbers import rational
from stability.io.files import MOST_BYTES, require_file
from stability.io.printable import brief

SHAPE = "Write a first line x1,x2,y and then one line of numbers per point."
SEVERAL = "Write a first line x1,x2,y1,y2 and then one line of numbers per point."
NUMBER = 'Write an integer, "1/3" or "0.25".'


def read_csv(path: str) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """Return the points, and a row of labels for each, in a CSV file with the columns x1, ..., xd, y.

    Instead of y there may be several columns of labels y1, y2, ... Entries are integers, decimals or quotients such
    as 1/3, read exactly. A byte-order mark, CRLF line ends and blank lines at the end are accepted.

    Raises
    ------
    DataError
        If the file cannot be read or an entry makes no sense; names the file, the line and the column.
    """
    lines = _lines(path, _text(path))
    if not lines:
        raise DataError(f"{path}: expected a header and at least one point; got an empty file.", SHAPE)
    number, header = lines[0]
    columns = _columns(f"{path}, line {number}", header)
    if len(lines) == 1:
        raise DataError(f"{path}: expected at least one point; got only the header.", SHAPE)
    rows = [_row(f"{path}, line {number}", columns, cells) for number, cells in lines[1:]]
    split = sum(name.startswith("x") for name in columns)
    return [row[:split] for row in rows], [row[split:] for row in rows]


def _text(path: str) -> str:
    require_file(path, "a CSV file", "a .csv file", DataError, MissingDataError, opened=True)
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content[:MOST_BYTES].decode("utf-8-sig")
    except (OSError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            problem, remedy = f"byte {error.start} is not UTF-8", "Save the file as UTF-8 text."
        else:
            problem, remedy = str(getattr(error, "strerror", None) or error), "Name a file you may read."
        raise DataError(f"{path}: expected a readable text file; got: {problem}.", remedy) from None
    if len(content) > MOST_BYTES:
        raise DataError(f"{path}: expected at most {MOST_BYTES >> 20} MB; got more.", "Take fewer points.")
    return text


def _lines(path: str, text: str) -> list[tuple[int, list[str]]]:
    """Return the line number and the stripped cells of every line up to the last that is not blank."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    lines = []
    try:
        for cells in reader:
            lines.append((reader.line_num, [cell.strip() for cell in cells]))
    except csv.Error as error:
        raise DataError(
            f"{path}, line {reader.line_num}: expected comma-separated values; got: {error}.", SHAPE
        ) from None
    while lines and lines[-1][1] in ([], [""]):
        lines.pop()
    return lines


def _columns(where: str, header: list[str]) -> list[str]:
    """Return the header if it reads x1, ..., xd, y or x1, ..., xd, y1, ..., ym; else say which column differs."""
    if len(header) < 2:
        other = {";": "semicolons", "\t": "tabs"}.get(next((c for c in ";\t" if c in "".join(header)), ""))
        remedy = (
            SHAPE if other is None else f"Columns are separated by {other}: write commas, and decimals with a point."
        )
        raise DataError(f"{where}: expected the columns x1, ..., xd, y; got {brief(','.join(header))}.", remedy)
    labels = _label_columns(header)
    expected = [*(f"x{c}" for c in range(1, len(header) - len(labels) + 1)), *labels]
    for c, (name, got) in enumerate(zip(expected, header, strict=True), 1):
        if got != name:
            twice = " (a second time)" if got in header[: c - 1] else ""
            shape = SHAPE if labels == ["y"] else SEVERAL
            raise DataError(f"{where}, column {c}: expected the header {name!r}; got {brief(got)}{twice}.", shape)
    return expected


def _label_columns(header: list[str]) -> list[str]:
    """Return the names of the label columns: y1, y2, ... from the first y1 on, at least two of them; else y."""
    many = len(header) - header.index("y1") if "y1" in header[1:] else 1
    return [f"y{c}" for c in range(1, many + 1)] if many > 1 else ["y"]


def _row(where: str, columns: list[str], cells: list[str]) -> list[Fraction]:
    if len(cells) != len(columns):
        first = columns[len(cells)] if len(cells) < len(columns) else str(len(columns) + 1)
        wanted = f"{len(columns)} entries, {columns[0]} to {columns[-1]}"
        raise DataError(
            f"{where}, column {first}: expected {wanted}; got {len(cells)}.",
            "Give every line one entry per column; write decimals with a point."
            if cells not in ([], [""])
            else "The line is empty: leave it out.",
        )
    return [_entry(where, name, cell) for name, cell in zip(columns, cells, strict=True)]


def _entry(where: str, column: str, cell: str) -> Fraction:
    try:
        if "_" in cell:
            raise NumberError(f"Expected a finite rational number; got {brief(cell)}.", NUMBER)
        return rational(cell)
    except NumberError as error:
        remedy = error.remedy if cell else "Leave out lines with missing values."
        if cell[:1].isalpha():
            classes = (
                "For two classes write 0 and 1." if column.startswith("y") else "Leave out columns and lines of words."
            )
            remedy = f"{classes} {NUMBER}"
        raise DataError(f"{where}, column {column}: {error.problem[0].lower()}{error.problem[1:]}", remedy) from None
