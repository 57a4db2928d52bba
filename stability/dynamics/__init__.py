"""Where gradient flow and update rules go, exactly."""

from stability.dynamics.flow import flow
from stability.dynamics.trajectories import Event, Piece, Trajectory

__all__ = ["Event", "Piece", "Trajectory", "flow"]
