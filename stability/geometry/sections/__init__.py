"""What a plane of parameter space meets: cells, kinks and stationary sets."""
