"""How stationary sets change as one parameter of a landscape varies."""
