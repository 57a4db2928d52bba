"""Update rules as maps: types of fixed points, regions of stability, cycles, chaos."""
