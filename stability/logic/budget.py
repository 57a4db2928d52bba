"""How much work a search may do, in steps, so that no verdict depends on the clock."""

from dataclasses import dataclass

from stability.errors import CertificateError


@dataclass
class Budget:
    """Steps that may be made, each about a microsecond.

    Attributes
    ----------
    steps : int
        How many there are.
    used : int
        How many were made.
    whole : Budget, optional
        One of which this is a part: what is spent here is spent there.
    """

    steps: int
    used: int = 0
    whole: "Budget | None" = None

    def spend(self, steps: int = 1) -> None:
        """Count some steps.

        Raises
        ------
        CertificateError
            If there are none left.
        """
        self.used += steps
        if self.used > self.steps:
            raise CertificateError(f"No proof was found within {self.steps:,} steps.", "Narrow the statement.")
        if self.whole is not None:
            self.whole.spend(steps)

    @property
    def spent(self) -> bool:
        """Whether more was asked for than there was."""
        return self.used > self.steps
