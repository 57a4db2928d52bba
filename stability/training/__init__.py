"""Where does training by torch end? A witness that knows the model only."""

from stability.training.ensemble import End, descend
from stability.training.intervals import wilson
from stability.training.laws import LAWS, starts

__all__ = ["LAWS", "End", "descend", "starts", "wilson"]
