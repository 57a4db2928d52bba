"""Claims of the literature: what a paper says, on which instance it is judged, and what the project makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from stability.audit.claims import Claim, Formal, Repair
from stability.audit.discovery import files, load, proofs_folder
from stability.audit.verdicts import Verdict, settle
from stability.errors import StatementError, UnknownNameError, nearest
from stability.logic.formulas import short
from stability.logic.records import Judged, prove, write
from stability.logic.statements import Statement
from stability.logic.validation import listed, member, words

VERDICTS = ("proved", "refuted", "vacuous", "open")
"""What can become of a claim of the literature on an instance, or for all data of a kind."""


@dataclass(frozen=True)
class PublishedInstance:
    """Data and network on which a claim is judged, and the hypotheses of the claim that they meet.

    Attributes
    ----------
    says : str
        The points, labels, units and loss, in words.
    meets : sequence of str
        The hypotheses of the claim, one by one, as the instance meets them, or "Not met: ..." where it does not.
    statement : Statement or callable, optional
        What of the hypotheses is not plain to see, such as that no affine function fits the labels.

    Raises
    ------
    StatementError
        If a text is missing.
    """

    says: str
    meets: Sequence[str]
    statement: Formal | None = None

    def __post_init__(self) -> None:
        words(self.says, "what an instance is")
        for text in listed(self.meets, "the hypotheses that an instance meets"):
            words(text, "a hypothesis that an instance meets")


@dataclass(frozen=True)
class PublishedClaim:
    """One claim of a paper, in our words, with the instance on which it is judged and the verdict that it must have.

    Attributes
    ----------
    id : str
        Short and unique within the paper.
    where : str
        Its number or section, as far as known.
    says : str
        The claim, in our words.
    instance : PublishedInstance
    verdict : str
        One of VERDICTS.
    statement : Statement or callable, optional
        What is claimed of the instance, or of all data of a kind; left out where the verdict is open.
    nearest : Repair, optional
        The nearest true statement; where a claim is proved, one that sharpens it. Needed where it is not.
    false_variants : mapping of str to Statement or callable
        Statements that sound alike and must fail.
    because : str
        Why it fails, holds or is open, and what is argued in words only.

    Raises
    ------
    StatementError
        If an entry is missing or none of these.

    Examples
    --------
    >>> from stability import ForAll
    >>> instance = PublishedInstance("any real number", ["The number is real."])
    >>> PublishedClaim("squares", "Lemma 1", "A square is never negative.", instance, "proved",
    ...                ForAll("x", [], ["x**2 >= 0"])).claim.kind
    'statement'
    """

    id: str
    where: str
    says: str
    instance: PublishedInstance
    verdict: str
    statement: Formal | None = None
    nearest: Repair | None = None
    false_variants: Mapping[str, Formal] = field(default_factory=dict)
    because: str = ""

    def __post_init__(self) -> None:
        words(self.where, f"where {short(self.id)} stands")
        member(self.verdict, VERDICTS, "a verdict")
        if not isinstance(self.instance, PublishedInstance):
            raise StatementError(
                f"Expected PublishedInstance(...) for {self.id}; got {short(self.instance)}.", "Write one."
            )
        if self.verdict in ("refuted", "vacuous") and self.nearest is None:
            raise StatementError(
                f"Expected the nearest true statement to {self.id}, which is {self.verdict}; got none.",
                'Write nearest=Repair("...", ForAll(...)).',
            )
        _ = self.claim

    @cached_property
    def claim(self) -> Claim:
        """The claim as those of write-ups are."""
        open_ = self.because if self.verdict == "open" else ""
        return Claim(
            self.id, self.where, self.says, self.statement, unsettled=open_, repair=self.nearest,
            because="" if open_ else self.because, weight="central",
        )  # fmt: skip

    @property
    def within_hypotheses(self) -> bool:
        """Whether the instance meets all hypotheses: none of their texts begins with "Not met"."""
        return not any(text.startswith("Not met") for text in self.instance.meets)

    @property
    def verdict_in_words(self) -> str:
        """The verdict, and whether it is one outside the hypotheses of the claim."""
        return self.verdict if self.within_hypotheses else f"{self.verdict}, outside its hypotheses"

    @property
    def nearest_true(self) -> str:
        """The nearest true statement in words: a sharper one where there is one, else the claim itself."""
        if self.nearest is not None:
            return self.nearest.says
        return "Not known." if self.verdict == "open" else "The claim itself."

    def settle(self) -> Verdict:
        """Return the verdict, computed."""
        return settle(self.claim)

    def hypotheses(self) -> Judged | None:
        """Return what becomes of the hypotheses that have a statement."""
        return None if self.instance.statement is None else prove(built(self.instance.statement))

    def judgements(self) -> dict[str, Judged]:
        """Return what was concluded on claim, hypotheses and nearest true statement, by names of records."""
        found = dict(self.settle().judgements())
        met = None if self.verdict == "open" else self.hypotheses()
        return found if met is None else {**found, f"{self.id}.hypotheses": met}


@dataclass(frozen=True)
class Paper:
    """A paper with the claims of it that are judged.

    Attributes
    ----------
    authors, title : str
    year : int
    at : str
        Where it is found: a journal, arXiv or DOI.
    claims : sequence of PublishedClaim

    Raises
    ------
    StatementError
        If an entry is missing, or two claims have one id.
    """

    authors: str
    year: int
    title: str
    at: str
    claims: Sequence[PublishedClaim]

    def __post_init__(self) -> None:
        for name in ("authors", "title", "at"):
            words(getattr(self, name), f"{name} of a paper")
        ids = [claim.id for claim in listed(self.claims, f"the claims of {short(self.title)}")]
        double = sorted({i for i in ids if ids.count(i) > 1})
        if double:
            raise StatementError(f"{self.title} has several claims called {', '.join(double)}.", "Rename one.")

    @property
    def reference(self) -> str:
        """The paper as a list of references names it."""
        return f"{self.authors} ({self.year}): {self.title}. {self.at}."


def built(statement: Formal) -> Statement:
    """Return a statement, which may be given by what makes it."""
    return statement if isinstance(statement, Statement) else statement()


def paper_names() -> list[str]:
    """Return the names of all papers, one per file of proofs/published."""
    return [path.stem for path in files("published")]


def paper(name: str) -> Paper:
    """Return the paper in a file of proofs/published.

    Raises
    ------
    UnknownNameError
        If there is no such file.

    Examples
    --------
    >>> from stability.audit.published import paper
    >>> paper("boursier_flammarion_2025").year
    2025
    """
    paths = {path.stem: path for path in files("published")}
    if name not in paths:
        raise UnknownNameError(f"Expected the name of a paper; got {name!r}.", nearest(name, list(paths)))
    found: Paper = load(paths[name]).PAPER
    return found


def published_judgements(names: Sequence[str] = ()) -> dict[str, Judged]:
    """Return what was concluded on papers, all by default, by the paths of records below proofs/records/published.

    Where a conclusion has several records, as that on a statement about sets and one about points, each has its own.
    """
    return {
        path: leaf
        for name in names or paper_names()
        for claim in paper(name).claims
        for record, judged in claim.judgements().items()
        for path, leaf in _paths(f"{name}/{record}", judged).items()
    }


def _paths(name: str, judged: Judged) -> dict[str, Judged]:
    """Return the parts of a conclusion that have records, by their paths."""
    leaves = judged.leaves
    if len(leaves) == 1:
        return {f"{name}.json": leaves[0]}
    return {f"{name}.{k}.json": leaf for k, leaf in enumerate(leaves, 1)}


def write_published_records(names: Sequence[str] = ()) -> list[Path]:
    """Write the records of papers, all by default, and return where they are.

    Examples
    --------
    Renew those of one paper::

        write_published_records(["boursier_flammarion_2025"])
    """
    folder = proofs_folder() / "records" / "published"
    found = {folder / path: judged for path, judged in published_judgements(names).items()}
    for path, judged in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(judged, path)
    return [*found]
