"""Benchmarks find the published instances beside the project, further up, or where one says."""

from pathlib import Path

from benchmarks.published import VARIABLE, published


def test_the_nearest_folder_above_the_checkout_counts(tmp_path: Path) -> None:
    far, near = tmp_path / "shared/data/sortition", tmp_path / "trees/shared/data/sortition"
    project = tmp_path / "trees" / "other"
    for folder in (far, project):
        folder.mkdir(parents=True)

    absent = published("matching/midl", environment={}, project=project)
    up = published("sortition", environment={}, project=project)
    near.mkdir(parents=True)

    assert (absent, absent.is_dir()) == (tmp_path / "trees/shared/data/matching/midl", False)
    assert (up, published("sortition", environment={}, project=project)) == (far, near)


def test_a_folder_that_is_named_counts_alone(tmp_path: Path) -> None:
    (tmp_path / "shared/data/sortition").mkdir(parents=True)

    found = published("sortition", environment={VARIABLE: "/data"}, project=tmp_path / "project")

    assert found == Path("/data/sortition")
