"""The modules of a write-up's folder under one name, so that a test can change a word wherever it is used."""

from stability.audit.discovery import load, proofs_folder


class Audit:
    """What the files of a write-up define, each name once."""

    def __init__(self, name):
        folder = proofs_folder() / "audits" / name
        self.modules = [load(path) for path in sorted(folder.glob("*.py"))]

    def __getattr__(self, name):
        found = [vars(module)[name] for module in self.modules if name in vars(module)]
        if not found:
            raise AttributeError(name)
        assert all(each is found[0] for each in found), f"{name} means several things"
        return found[0]

    def change(self, monkeypatch, name, value):
        """Set a name in every file that has it, until the test ends."""
        users = [module for module in self.modules if name in vars(module)]
        assert users, name
        for module in users:
            monkeypatch.setattr(module, name, value)
