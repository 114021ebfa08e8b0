"""One process of emulators for all tests, each of which begins with sound vendors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulators import Emulators


@pytest.fixture(scope="session")
def running() -> Iterator[Emulators]:
    with Emulators("--mouth", "tones", "--ears", "script") as emulators:
        yield emulators


@pytest.fixture
def emulators(running: Emulators) -> Emulators:
    running.reset()
    return running
