"""What is studied, as exact data: units, networks, datasets, the loss, update rules."""
