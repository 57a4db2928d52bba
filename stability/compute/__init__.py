"""Many tasks computed once each, whatever is interrupted: grids, executors, stores, resuming."""
