"""The emulators as a process, and their control API."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

PROGRAM = os.environ.get("E2E_PROGRAM", str(Path(__file__).parents[4] / "target/debug/bedside"))


class Emulators:
    """Running emulators; use it as a context manager."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "emulate", "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("emulating "), f"the emulators did not start: {line!r}"
        self.url = line.split()[1]

    def __enter__(self) -> Emulators:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def fault(self, vendor: str, fault: str, *, after: int = 1, times: int | None = None) -> None:
        self.put("faults", vendor=vendor, fault=fault, after=after, times=times)

    def script(self, *answers: dict[str, Any]) -> None:
        self.put("script", answers=answers)

    def log(self, vendor: str) -> list[dict[str, Any]]:
        with urlopen(f"{self.url}/control/log") as response:
            return [entry for entry in json.load(response) if entry["vendor"] == vendor]

    def reset(self) -> None:
        """No faults, no latency, the default script, an empty log."""
        self._call("DELETE", "faults")
        self._call("DELETE", "log")
        self.script()

    def put(self, what: str, **body: Any) -> None:
        self._call("PUT", what, body)

    def _call(self, method: str, what: str, body: dict[str, Any] | None = None) -> None:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{self.url}/control/{what}", data, headers, method=method)):
            pass
