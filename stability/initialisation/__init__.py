"""From which parameters training starts: one table of initialisations, and their draws."""
