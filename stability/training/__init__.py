"""Training by torch: ensembles, deep networks, constraints, monitoring and control."""
