"""stability: decide where the training of small piecewise-linear networks stops, with certificates.

Every public name stands here; each is loaded when it is first asked for, so that importing the package takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stability.errors import extras_named
from stability.version import __version__

if TYPE_CHECKING:
    from stability import integrations as integrations
    from stability import plot as plot
    from stability.audit.claims import Claim as Claim
    from stability.audit.claims import Repair as Repair
    from stability.audit.claims import Writeup as Writeup
    from stability.audit.run import run_audit as run_audit
    from stability.audit.verdicts import Verdict as Verdict
    from stability.checker.checker import check as check
    from stability.compute.grids import Grid as Grid
    from stability.compute.sweep import run_sweep as run_sweep
    from stability.dead_units.modules import recovery as recovery
    from stability.dynamics.basins.basins import Basins as Basins
    from stability.dynamics.bifurcation.bifurcation import Bifurcation as Bifurcation
    from stability.dynamics.bifurcation.stationary_angles import stationary_angles as stationary_angles
    from stability.dynamics.flow.batch import flow_limits as flow_limits
    from stability.dynamics.flow.flow import Trajectory as Trajectory
    from stability.dynamics.flow.statements import flow_ends as flow_ends
    from stability.dynamics.maps.fixed_point_types import fixed_point_types as fixed_point_types
    from stability.dynamics.maps.stability_regions import stability_regions as stability_regions
    from stability.errors import StabilityError as StabilityError
    from stability.errors import TrainingStopped as TrainingStopped
    from stability.geometry.atlas.atlas import Atlas as Atlas
    from stability.geometry.atlas.statements import complete_list as complete_list
    from stability.geometry.atlas.statements import every_set as every_set
    from stability.geometry.atlas.statements import number_of_sets as number_of_sets
    from stability.geometry.atlas.statements import set_at as set_at
    from stability.geometry.stationary.classification import Classification as Classification
    from stability.geometry.stationary.sets import StationarySet as StationarySet
    from stability.initialisation.table import INITIALISATIONS as INITIALISATIONS
    from stability.landscapes import Landscape as Landscape
    from stability.landscapes import landscape as landscape
    from stability.logic.records import prove as prove
    from stability.logic.statements import AllOf as AllOf
    from stability.logic.statements import Exists as Exists
    from stability.logic.statements import ForAll as ForAll
    from stability.logic.statements import Not as Not
    from stability.model import datasets as datasets
    from stability.model.datasets import Dataset as Dataset
    from stability.model.datasets import dataset as dataset
    from stability.model.networks import Network as Network
    from stability.model.networks import network as network
    from stability.model.units import Unit as Unit
    from stability.model.units import absolute as absolute
    from stability.model.units import leaky_relu as leaky_relu
    from stability.model.units import relu as relu
    from stability.model.update_rules import UpdateRule as UpdateRule
    from stability.model.update_rules import update_rule as update_rule
    from stability.report.explorer.explorer import Explorer as Explorer
    from stability.report.explorer.explorer import explore as explore
    from stability.symbolic.angle_cases import settle_angle as settle_angle
    from stability.symbolic.derive import Derivation as Derivation
    from stability.training.constraints.separation_loss import SeparationLoss as SeparationLoss
    from stability.training.control.controller import Controller as Controller
    from stability.training.control.policies import Policy as Policy
    from stability.training.deep.datasets import digits as digits
    from stability.training.deep.training import train_deep as train_deep
    from stability.training.ensembles.ensemble import Ensemble as Ensemble
    from stability.training.ensembles.ensemble import train as train
    from stability.training.initialise import initialise_ as initialise_
    from stability.training.introspection.forward_passes import capture as capture
    from stability.training.introspection.layer_geometry import layer_geometry as layer_geometry
    from stability.training.introspection.reference_networks import thin_network as thin_network
    from stability.training.monitoring.alarms import Limits as Limits
    from stability.training.monitoring.monitor import Monitor as Monitor
    from stability.training.monitoring.stream import read_stream as read_stream

HOMES = {
    "AllOf": "logic.statements",
    "Atlas": "geometry.atlas.atlas",
    "Basins": "dynamics.basins.basins",
    "Bifurcation": "dynamics.bifurcation.bifurcation",
    "Claim": "audit.claims",
    "Classification": "geometry.stationary.classification",
    "Controller": "training.control.controller",
    "Dataset": "model.datasets",
    "Derivation": "symbolic.derive",
    "Ensemble": "training.ensembles.ensemble",
    "Exists": "logic.statements",
    "Explorer": "report.explorer.explorer",
    "ForAll": "logic.statements",
    "Grid": "compute.grids",
    "INITIALISATIONS": "initialisation.table",
    "Landscape": "landscapes",
    "Limits": "training.monitoring.alarms",
    "Monitor": "training.monitoring.monitor",
    "Network": "model.networks",
    "Not": "logic.statements",
    "Policy": "training.control.policies",
    "Repair": "audit.claims",
    "SeparationLoss": "training.constraints.separation_loss",
    "StabilityError": "errors",
    "StationarySet": "geometry.stationary.sets",
    "TrainingStopped": "errors",
    "Trajectory": "dynamics.flow.flow",
    "Unit": "model.units",
    "UpdateRule": "model.update_rules",
    "Verdict": "audit.verdicts",
    "Writeup": "audit.claims",
    "absolute": "model.units",
    "capture": "training.introspection.forward_passes",
    "check": "checker.checker",
    "complete_list": "geometry.atlas.statements",
    "dataset": "model.datasets",
    "digits": "training.deep.datasets",
    "every_set": "geometry.atlas.statements",
    "explore": "report.explorer.explorer",
    "fixed_point_types": "dynamics.maps.fixed_point_types",
    "flow_ends": "dynamics.flow.statements",
    "flow_limits": "dynamics.flow.batch",
    "initialise_": "training.initialise",
    "landscape": "landscapes",
    "layer_geometry": "training.introspection.layer_geometry",
    "leaky_relu": "model.units",
    "network": "model.networks",
    "number_of_sets": "geometry.atlas.statements",
    "prove": "logic.records",
    "read_stream": "training.monitoring.stream",
    "recovery": "dead_units.modules",
    "relu": "model.units",
    "run_audit": "audit.run",
    "run_sweep": "compute.sweep",
    "set_at": "geometry.atlas.statements",
    "settle_angle": "symbolic.angle_cases",
    "stability_regions": "dynamics.maps.stability_regions",
    "stationary_angles": "dynamics.bifurcation.stationary_angles",
    "thin_network": "training.introspection.reference_networks",
    "train": "training.ensembles.ensemble",
    "train_deep": "training.deep.training",
    "update_rule": "model.update_rules",
}
"""In which module each public name is."""

MODULES = {"datasets": "model.datasets", "integrations": "integrations", "plot": "plot"}
"""Modules that are public as they are."""

__all__ = [
    "INITIALISATIONS",
    "AllOf",
    "Atlas",
    "Basins",
    "Bifurcation",
    "Claim",
    "Classification",
    "Controller",
    "Dataset",
    "Derivation",
    "Ensemble",
    "Exists",
    "Explorer",
    "ForAll",
    "Grid",
    "Landscape",
    "Limits",
    "Monitor",
    "Network",
    "Not",
    "Policy",
    "Repair",
    "SeparationLoss",
    "StabilityError",
    "StationarySet",
    "TrainingStopped",
    "Trajectory",
    "Unit",
    "UpdateRule",
    "Verdict",
    "Writeup",
    "__version__",
    "absolute",
    "capture",
    "check",
    "complete_list",
    "dataset",
    "datasets",
    "digits",
    "every_set",
    "explore",
    "fixed_point_types",
    "flow_ends",
    "flow_limits",
    "initialise_",
    "integrations",
    "landscape",
    "layer_geometry",
    "leaky_relu",
    "network",
    "number_of_sets",
    "plot",
    "prove",
    "read_stream",
    "recovery",
    "relu",
    "run_audit",
    "run_sweep",
    "set_at",
    "settle_angle",
    "stability_regions",
    "stationary_angles",
    "thin_network",
    "train",
    "train_deep",
    "update_rule",
]


def __getattr__(name: str) -> Any:
    with extras_named():
        if name in MODULES:
            return import_module(f"{__name__}.{MODULES[name]}")
        if name not in HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
