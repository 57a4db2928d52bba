"""The folder of the project: that of the checkout, or the one that a wheel carries."""

from paths import ROOT

from stability.io import project


def test_in_a_checkout_it_is_the_root_of_the_repository():
    assert project.project_folder() == ROOT
    assert (ROOT / "stability" / "io" / "project.py").samefile(project.__file__)
    assert not project.is_carried(ROOT / "proofs")


def test_in_a_wheel_it_is_what_the_package_carries(monkeypatch, tmp_path):
    carried = tmp_path / "site-packages" / "stability" / "project"
    monkeypatch.setattr(project, "CARRIED", carried)
    monkeypatch.setattr(project, "PACKAGE", carried.parent)
    assert project.project_folder() == tmp_path / "site-packages"
    (carried / "proofs").mkdir(parents=True)
    assert project.project_folder() == carried
    assert project.is_carried(carried)
    assert project.is_carried(carried / "proofs" / "records")
    assert project.is_carried(carried / "proofs" / ".." / "figures")
    assert not project.is_carried(carried / "..")
    assert not project.is_carried(tmp_path / "site-packages" / "stability" / "project-notes")
