"""The callback that shows nothing."""

from stability.compute.progress import Progress, silent


def test_silence(capsys):
    callback: Progress = silent
    assert callback("search", 1, 0) is None
    assert capsys.readouterr() == ("", "")
