"""Which health does a torch network show while it trains, and what repairs it?"""
