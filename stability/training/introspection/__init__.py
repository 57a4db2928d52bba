"""What the layers of a torch network do to the data."""
