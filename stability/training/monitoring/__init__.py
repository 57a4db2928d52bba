"""Health of a torch network while it trains."""
