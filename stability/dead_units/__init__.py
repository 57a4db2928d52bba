"""Which dead ReLU units can come back: bounds of what optimisers do without gradients, and certificates."""
