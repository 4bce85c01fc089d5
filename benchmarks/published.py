"""Where the published instances lie: not in this repository, but beside the project."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

VARIABLE: Final = "EXPERTPOOL_BENCHMARK_DATA"
_BESIDE: Final = Path("shared", "data")


def published(
    name: str, *, environment: Mapping[str, str] = os.environ, project: Path = Path(__file__).parents[1]
) -> Path:
    """Return the folder of one collection, whether or not it is there.

    Args:
        name: of the collection below the data's folder, such as `sortition`.
        environment: `EXPERTPOOL_BENCHMARK_DATA` names the data's folder; without it the nearest `shared/data` counts,
            beside the project or further up, so that a checkout inside another folder finds it too.
        project: the checkout.
    """
    if given := environment.get(VARIABLE):
        return Path(given) / name
    found = (above / _BESIDE / name for above in project.resolve().parents)
    return next((folder for folder in found if folder.is_dir()), project.parent / _BESIDE / name)
