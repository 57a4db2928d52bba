"""Interventions in a training run, and the controller that decides on them."""
