"""Where does training by torch end? A witness that knows the model only."""

from stability.model.intervals import wilson
from stability.model.laws import LAWS, starts
from stability.training.descent import End, descend

__all__ = ["LAWS", "End", "descend", "starts", "wilson"]
