"""The callback that shows nothing."""

from stability.compute.progress import Progress, silent


def test_silence(capsys):
    tell: Progress = silent
    assert tell("search", 1, 0) is None
    assert capsys.readouterr() == ("", "")
