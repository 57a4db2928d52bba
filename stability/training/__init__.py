"""Where does training by torch end? A witness that knows the model only."""

from typing import TYPE_CHECKING

from stability.model.intervals import wilson
from stability.model.laws import LAWS, starts
from stability.training.loading import on_demand

if TYPE_CHECKING:
    from stability.training.descent import End, descend

__all__ = ["LAWS", "End", "descend", "starts", "wilson"]

__getattr__ = on_demand(__name__, {"End": "descent", "descend": "descent"})
