"""The faces and cells that the data cut parameter space into."""
