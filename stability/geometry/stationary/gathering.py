"""The stationary choices of a landscape, made into connected sets."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from stability.geometry.arrangement.symmetry import symmetries
from stability.geometry.stationary.choices import Choices, Errors, StationaryPiece
from stability.geometry.stationary.components import Component, below_by_faces, join
from stability.geometry.stationary.level_components import level_components
from stability.geometry.stationary.one_hot import free_sums, in_both_outputs
from stability.geometry.stationary.search import Faces
from stability.geometry.stationary.sets import KINDS, Escape, StationarySet
from stability.geometry.stationary.witness import stationary_point
from stability.model.network_loss import NetworkLoss


class Gathering(Choices):
    """The stationary choices of a landscape, made into sets.

    Parameters
    ----------
    problem : Integers
    arrangement : Arrangement
    stationary : sequence of choices
    """

    _sets: tuple[list[StationarySet], dict[Faces, int]] | None = None

    def sets(self, landscape: NetworkLoss) -> tuple[list[StationarySet], dict[Faces, int]]:
        """Return the connected sets, least loss first, and to which each piece belongs, by its states; found once."""
        if self._sets is None:
            self._sets = self._found(landscape)
        found, number = self._sets
        return list(found), dict(number)

    def _found(self, landscape: NetworkLoss) -> tuple[list[StationarySet], dict[Faces, int]]:
        components, number = self._components([p for choice in sorted(self.stationary) for p in self.pieces(choice)])
        least = min(self._loss(c.pieces[0].errors) for c in components)
        drafts = [self._draft(landscape, component, least) for component in components]
        order = sorted(range(len(drafts)), key=lambda k: _rank(drafts[k]))
        place = {old: new for new, old in enumerate(order)}
        images = self._images(components, number, place)
        found = [
            StationarySet(
                **{
                    **drafts[old],
                    "landscape": landscape,
                    "index": place[old],
                    "borders": sorted(place[b] for b in components[old].borders),
                    "images": images[old],
                }
            )
            for old in order
        ]
        return found, {states: place[k] for states, k in number.items()}

    def _components(self, pieces: Sequence[StationaryPiece]) -> tuple[list[Component], dict[Faces, int]]:
        """Return the connected sets; those of errors that no unit feels are found faster."""
        if not self.problem.trainable:
            faces = self.arrangement.faces
            return join(pieces, below_by_faces(faces, len(self.problem.signs)), self.problem.counts)
        level = [piece for piece in pieces if self.silent(piece.errors[0]).level]
        rest = [piece for piece in pieces if not self.silent(piece.errors[0]).level]
        found, number = join(rest, self._below) if rest else ([], {})
        for component in level_components(self, level):
            number |= dict.fromkeys((piece.faces for piece in component.pieces), len(found))
            found.append(component)
        return found, number

    def _below(self, errors: Errors, used: Sequence[int]) -> dict[int, list[int]]:
        """Return which states are in the closure of others under some errors."""
        first, faces = self.states.active, self.arrangement.faces
        regions = [region.faces for region in self.silent_states(errors[0])]
        rest = len(self.silent(errors[0]).parts)
        active = [s for s in used if s < first]
        idle = [s - first for s in used if s >= first]
        found = {}
        for s in active:
            sign, face = self.states.sign(s), self.states.face(s)
            lower = [
                t for t in active if self.states.sign(t) == sign and faces[self.states.face(t)].borders(faces[face])
            ]
            found[s] = lower + [first + k for k in idle if k == rest or face in regions[k]]
        for k in idle:
            touched = [j for j in idle if j in (k, rest) or (k != rest and regions[j] & regions[k])]
            found[first + k] = [first + j for j in touched]
        return found

    def _loss(self, errors: Errors) -> Fraction:
        numbers, den = errors
        return self.problem.loss(numbers) / den**2

    def _images(
        self, components: Sequence[Component], number: dict[Faces, int], place: dict[int, int]
    ) -> list[list[int]]:
        """Return, for each component, the places of those onto which the symmetries map it."""
        group = symmetries(self.problem, self.arrangement)
        label = list(range(len(components)))
        for k, component in enumerate(components):
            units = self.stands_at(component.pieces[0].faces, component.pieces[0].errors[0])
            signs = [sign for sign, _ in units]
            for image in group.images(tuple(face for _, face in units)):
                states = self.located(list(zip(signs, image, strict=True)))
                if states is None:  # pragma: no cover - a symmetry maps stationary points to such
                    continue
                old, new = sorted((label[k], label[number[states]]))
                label = [old if each == new else each for each in label]
        return [sorted(place[c] for c, each in enumerate(label) if each == mine) for mine in label]

    def _size(self, piece: StationaryPiece) -> tuple[int, int]:
        """Return the dimension of a piece and, for choice among equals, that of its faces: the fewer kinks the more."""
        active = [s for s in piece.faces if s < self.states.active]
        return piece.dimension, sum(self.arrangement.faces[self.states.face(s)].dimension for s in active)

    def _draft(self, landscape: NetworkLoss, component: Component, least: Fraction) -> dict[str, Any]:
        top = max(component.pieces, key=self._size)
        errors, den = top.errors
        loss = self._loss(top.errors)
        minimum = top.sort == "minimum"
        labels = landscape.data.labels
        order = next(states for states in component.members if tuple(sorted(states)) == top.faces)
        witness, dimension = stationary_point(landscape, self, order), top.dimension
        if landscape.network.outputs > 1:
            dimension += free_sums(landscape, witness)
            witness = in_both_outputs(witness)
        single = dimension == 0
        return {
            "kind": ("global minimum" if loss == least else "local minimum")
            if minimum
            else {"maximum": "local maximum"}.get(top.sort, top.sort),
            "loss": loss,
            "dimension": dimension,
            "isolated": single and not component.borders,
            "strict": single and minimum,
            "faces": component.faces,
            "witness": witness,
            "outputs": [y + Fraction(e, den) / self.problem.unit for e, y in zip(errors, labels, strict=True)],
            "directional": all(piece.directional for piece in component.pieces),
            "autograd_rests": all(piece.autograd_rests for piece in component.pieces),
            "autograd_faces": component.autograd_faces,
            "smooth_faces": component.smooth_faces,
            "orbit": component.orbit,
            "escape": self._escape(landscape, component) if self.problem.trainable else None,
            "members": component.members if self.problem.trainable else list(map(self._placed, component.members)),
        }

    def _escape(self, landscape: NetworkLoss, component: Component) -> Escape | None:
        """Return how the loss falls by a silent unit, from a point of a set; None where it does not."""
        errors = component.pieces[0].errors[0]
        rest = self.states.active + len(self.silent(errors).parts)
        piece = next((piece.faces for piece in component.pieces if rest in piece.faces), None)
        for unit, (sign, face) in enumerate(self.stands_at(piece, errors) if piece else ()):
            found = None if sign else self.silent(errors).escape(face)
            if piece is not None and found is not None:
                ray, slope = found
                point = stationary_point(landscape, self, piece)
                both = landscape.network.outputs > 1
                toward = self.problem.full([Fraction(x) for x in ray])
                return Escape(in_both_outputs(point) if both else point, unit, toward, -slope)
        return None

    def _placed(self, states: Faces) -> Faces:
        """Return the faces of active units, in the order of the network."""
        found = [0] * len(states)
        for unit, state in zip(self.problem.order, states, strict=True):
            found[unit] = self.states.face(state)
        return tuple(found)


def _rank(draft: dict[str, Any]) -> tuple[Any, ...]:
    return draft["loss"], KINDS.index(draft["kind"]), draft["dimension"], [[-x for x in r] for r in draft["witness"]]
