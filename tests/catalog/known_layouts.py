"""Layouts as public chest sets and people's own have them, with what a person would read in each."""

from tests.catalog.known_beside import BESIDE
from tests.catalog.known_named import NAMED
from tests.catalog.known_own import OWN
from tests.catalog.known_public import PUBLIC

ALL = {**PUBLIC, **OWN, **BESIDE, **{f"{name} (named)": known for name, known in NAMED.items()}}
