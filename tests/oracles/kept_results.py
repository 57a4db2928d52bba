"""Stand-ins for results that are kept with the project."""


class Kept:
    """A kept measurement that reads and measures one result, and takes note of what is measured and kept."""

    def __init__(self, study, rows):
        self.study, self.rows, self.measured, self.kept = study, rows, [], []

    def read(self):
        return self.study

    def measure(self, file, workers, progress):
        self.measured.append(file)
        return self.study

    def keep(self, study):
        self.kept.append(study)
