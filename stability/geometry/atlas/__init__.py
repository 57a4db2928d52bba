"""The complete list of stationary sets of a landscape, with its certificate."""
