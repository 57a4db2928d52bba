"""Stand-ins for results that are kept with the project."""


class Kept:
    """A kept measurement that reads one result and takes note of what is kept."""

    def __init__(self, study):
        self.study, self.kept = study, []

    def read(self):
        return self.study

    def keep(self, study):
        self.kept.append(study)
