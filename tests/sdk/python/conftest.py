"""One server for all tests, and at the end every event it sent is validated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from bedside import Server, validate


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records")


@pytest.fixture(scope="session")
def schema(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with urlopen(f"{server.base_url}/realtime/schema") as response:
        document = json.load(response)["server"]
    path = tmp_path_factory.mktemp("schema") / "server.schema.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def record(records: Path, schema: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Where a test's session is recorded; what was recorded must be valid."""
    path = records / f"{request.node.name}.jsonl"
    yield path
    validate(schema, path)
