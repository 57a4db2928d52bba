"""Where gradient flow and update rules go, exactly."""

from stability.dynamics.angles import stationary_angles
from stability.dynamics.angular_branches import angular_bifurcation
from stability.dynamics.basins import Basins, Share, basins
from stability.dynamics.bifurcation import Bifurcation
from stability.dynamics.certified import AllAboutFlows, certify, flow_ends
from stability.dynamics.chaos import chaotic_steps, trap
from stability.dynamics.families import coordinate_family, label_family, leaky_family
from stability.dynamics.flow import FlowError, flow
from stability.dynamics.lines import line
from stability.dynamics.maps import jacobian, taxonomy
from stability.dynamics.outcomes import Outcomes, outcomes
from stability.dynamics.planes import Plane, basin_map, plane
from stability.dynamics.regions import regions
from stability.dynamics.swarm import Ends, ends
from stability.dynamics.trajectories import Event, Piece, Trajectory

__all__ = [
    "AllAboutFlows",
    "Basins",
    "Bifurcation",
    "Ends",
    "Event",
    "FlowError",
    "Outcomes",
    "Piece",
    "Plane",
    "Share",
    "Trajectory",
    "angular_bifurcation",
    "basin_map",
    "basins",
    "certify",
    "chaotic_steps",
    "coordinate_family",
    "ends",
    "flow",
    "flow_ends",
    "jacobian",
    "label_family",
    "leaky_family",
    "line",
    "outcomes",
    "plane",
    "regions",
    "stationary_angles",
    "taxonomy",
    "trap",
]
