"""Where gradient flow and update rules go, exactly."""

from stability.dynamics.basins import Basins, Plane, Share, basin_map, basins, plane
from stability.dynamics.flow import FlowError, flow
from stability.dynamics.swarm import Ends, ends
from stability.dynamics.trajectories import Event, Piece, Trajectory

__all__ = [
    "Basins",
    "Ends",
    "Event",
    "FlowError",
    "Piece",
    "Plane",
    "Share",
    "Trajectory",
    "basin_map",
    "basins",
    "ends",
    "flow",
    "plane",
]
