"""What a phase portrait shows: fields, nullclines, tracks and basins in a plane of parameter space."""
