"""Where gradient flow and update rules go, exactly."""

from stability.dynamics.basins import Basins, Share, basins
from stability.dynamics.chaos import chaotic_steps, trap
from stability.dynamics.flow import FlowError, flow
from stability.dynamics.lines import line
from stability.dynamics.maps import jacobian, taxonomy
from stability.dynamics.outcomes import Outcomes, outcomes
from stability.dynamics.planes import Plane, basin_map, plane
from stability.dynamics.regions import regions
from stability.dynamics.swarm import Ends, ends
from stability.dynamics.trajectories import Event, Piece, Trajectory

__all__ = [
    "Basins",
    "Ends",
    "Event",
    "FlowError",
    "Outcomes",
    "Piece",
    "Plane",
    "Share",
    "Trajectory",
    "basin_map",
    "basins",
    "chaotic_steps",
    "ends",
    "flow",
    "jacobian",
    "line",
    "outcomes",
    "plane",
    "regions",
    "taxonomy",
    "trap",
]
