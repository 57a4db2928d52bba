"""What must be trusted: decides whether a record proves what it says. Standard library only."""
