"""What drawings read of results, chapter by chapter: the only names by which plot/ knows them."""
