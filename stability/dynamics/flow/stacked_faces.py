"""What several choices of faces need, one after the other, as arrays for many starts at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stability.dynamics.flow.batch_faces import Local


class StackedFaces:
    """What several choices of faces need, one after the other, with a first axis for the starts."""

    def __init__(self, here: Sequence[Local]) -> None:
        order = {id(each): each for each in here}
        places = {key: k for k, key in enumerate(order)}
        self._own, self._where = list(order.values()), np.array([places[id(each)] for each in here])
        self.modes, self.rates, self.rest = self._all("modes"), self._all("rates"), self._all("rest")
        self.functions, self.constants, self.levels = (
            self._all("functions"),
            self._all("constants"),
            self._all("levels"),
        )
        self.in_range, self.calm, self.norms = self._all("in_range"), self._all("calm"), self._all("norms")
        self.gains, self.merge, self.spread = self._all("gains"), self._all("merge"), self._all("spread")
        self.rest_size = np.linalg.norm(self.rest, axis=1)

    def _all(self, name: str) -> Any:
        return np.array([getattr(each, name) for each in self._own])[self._where]
