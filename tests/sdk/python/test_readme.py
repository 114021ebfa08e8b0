"""The snippet in the README does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from bedside import Server

README = Path(__file__).parents[3] / "README.md"


def test_the_snippet_runs(server: Server) -> None:
    snippet = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert snippet is not None
    source = snippet.group(1).replace("http://127.0.0.1:8080/v1", server.base_url)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "What brings you in today?" in done.stdout
