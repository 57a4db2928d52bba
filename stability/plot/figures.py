"""The list of figures, each with its finding, written small and so that it comes out the same every time."""

import ast
import runpy
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import fill

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from stability.errors import FileError, UnknownNameError, nearest
from stability.io.files import require_folder
from stability.io.project import is_carried, project_folder
from stability.plot.compression import compress_png, compress_svg
from stability.plot.style import style

HERE = Path("figures")

LETTERS_PER_INCH, MARGIN = 11.6, 0.1
"""Of a finding, which is written in bold; and the margin at the sides, in inches."""


def figures_folder() -> Path:
    """Return the folder of the figure scripts: ./figures if it has any, else that of the checkout or the wheel."""
    return HERE if any(HERE.glob("*.py")) else project_folder() / "figures"


def pictures_folder() -> Path:
    """Return the folder where figures are written: beside their scripts, or ./figures if these are of a wheel."""
    return HERE if is_carried(figures_folder()) else figures_folder()


def figure_names() -> list[str]:
    """Return the names of all figures."""
    return sorted(path.stem for path in figures_folder().glob("*.py") if not path.stem.startswith("_"))


def script_of(name: str) -> Path:
    """Return the script that draws a figure.

    Raises
    ------
    UnknownNameError
        If there is no such figure.
    """
    if name not in figure_names():
        raise UnknownNameError(
            f"Expected the name of a figure; got {name!r}.", nearest(name, figure_names() or ["none here"])
        )
    return figures_folder() / f"{name}.py"


def finding(name: str) -> str:
    """Return what a figure shows, in one sentence: the first paragraph of the docstring of its script.

    Raises
    ------
    UnknownNameError
        If there is no such figure.
    """
    text = ast.get_docstring(ast.parse(script_of(name).read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def write_finding(figure: Figure, text: str) -> Figure:
    """Write a finding over a figure, on the left and in as many lines as it needs; return the figure."""
    lines = fill(text, int(LETTERS_PER_INCH * figure.get_figwidth()))
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(w_pad=MARGIN)
    figure.suptitle(lines, x=0.01, ha="left", fontsize=9.5, fontweight="bold", parse_math=False, linespacing=1.35)
    return figure


def draw_figure(name: str) -> Figure:
    """Return a figure, drawn in the house style, under its finding.

    Raises
    ------
    UnknownNameError
        If there is no such figure.
    """
    figure = runpy.run_path(str(script_of(name)))["draw"]()
    if not isinstance(figure, Figure):
        raise TypeError(f"draw() in {name}.py must return a Figure; it returned {type(figure).__name__}.")
    return write_finding(figure, finding(name))


def make_figure(name: str, folder: Path | None = None) -> list[Path]:
    """Draw a figure and write it as <name>.svg and <name>.png; return their paths."""
    folder = pictures_folder() if folder is None else Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.svg", folder / f"{name}.png"]
    with style():
        figure = draw_figure(name)
        figure.savefig(paths[0], dpi=150, metadata={"Date": None})
        figure.savefig(paths[1], dpi=150, metadata={"Software": None})
    compress_svg(paths[0])
    compress_png(paths[1])
    return paths


def save_figure(draw: Callable[[], Figure], path: Path) -> Path:
    """Draw a figure in the house style and write it to a file, whole or not at all; return its path.

    Raises
    ------
    FileError
        If there is no such folder, or the suffix is none of .png, .svg and .pdf.
    """
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise FileError(f"Expected a file ending in .png, .svg or .pdf; got {path.name!r}.", "Write -o picture.png.")
    require_folder(path)
    draft = path.with_name(f".{path.name}.tmp{path.suffix}")
    with style():
        figure = draw()
        try:
            figure.savefig(draft, dpi=150 if path.suffix.lower() == ".png" else 300)
            draft.replace(path)
        except OSError as problem:
            raise FileError(f"Could not write {path}: {problem.strerror}.", "Name another file.") from None
    return path


def make(names: Iterable[str] = (), folder: Path | None = None) -> list[Path]:
    """Write the named figures, or all of them; return the paths written.

    Raises
    ------
    FileError
        If there are no scripts of figures.
    """
    if not figure_names():
        raise FileError(
            f"Expected scripts of figures in ./figures or {project_folder() / 'figures'}; there are none.",
            "Call it in a checkout of stability, or install the package anew.",
        )
    return [path for name in names or figure_names() for path in make_figure(name, folder)]
