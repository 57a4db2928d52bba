"""What claims say can be read by itself: no sentence leans on the claim before it."""

import re

import pytest

from stability.audit.discovery import writeups

WRITEUPS = writeups()

LEANING = re.compile(
    r"(It|Its|The same|So|That|This|These|They|Their|Those|There)\b|(By (more|less)|And|Also|Nor|Even so|Both|Such)\b"
    r"|.*\b(that line|this angle|that claim)\b"
)
"""How a sentence begins, or what it names, that needs another one."""


@pytest.mark.parametrize("writeup", [pytest.param(w, id=w.id) for w in WRITEUPS])
def test_every_claim_can_be_read_by_itself(writeup):
    assert not [f"{claim.id}: {claim.says}" for claim in writeup.claims if LEANING.match(claim.says)]


@pytest.mark.parametrize("writeup", [pytest.param(w, id=w.id) for w in WRITEUPS])
def test_no_two_claims_say_the_same(writeup):
    said = [claim.says for claim in writeup.claims]
    assert len(said) == len(set(said))


def test_leaning_sentences_are_seen():
    assert LEANING.match("It allows affine units.")
    assert LEANING.match("So do failures of the documented training.")
    assert LEANING.match("Many failures end with both boundaries along that line.")
    assert not LEANING.match("Sep-L allows affine units.")
