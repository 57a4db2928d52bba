"""The two stages of an atlas, the faces of a unit and the choices of faces, with how their results are kept."""

from typing import Any

from stability.compute.resume import Stage
from stability.geometry.arrangement.enumerate import Face, Node, SearchBranch, explore
from stability.geometry.stationary.search import Found, search


def _write_faces(result: tuple[list[Face], list[Node]]) -> list[Any]:
    faces, nodes = result
    return [[[f.plus, f.minus, f.dimension, f.rays] for f in faces], nodes]


def _read_faces(data: Any) -> tuple[list[Face], list[Node]]:
    faces, nodes = data
    return [Face(p, m, d, tuple(map(tuple, rays))) for p, m, d, rays in faces], nodes


def _write_found(found: Found) -> list[Any]:
    return [found.fits, found.separating, found.stationary]


def _read_found(data: Any) -> Found:
    fits, separating, stationary = data
    return Found(
        [(list(map(tuple, rays)), verdict, weights) for rays, verdict, weights in fits],
        [(face, list(map(tuple, rays)), tuple(direction)) for face, rays, direction in separating],
        list(map(tuple, stationary)),
    )


FACES: Stage[SearchBranch, tuple[list[Face], list[Node]]] = Stage("faces", explore, _write_faces, _read_faces)
CHOICES = Stage("stationary points", search, _write_found, _read_found)
