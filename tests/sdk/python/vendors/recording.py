"""A WebSocket that keeps every frame it gives, so that all of them can be validated strictly."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel


class Recorder:
    """Stands in for a client library's synchronous socket."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []

    def recv(self, *arguments: Any, **options: Any) -> Any:
        data = self.socket.recv(*arguments, **options)
        self.frames.append(json.loads(data))
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.socket, name)


def validate(frames: Iterable[dict[str, Any]], models: Iterable[type[BaseModel]]) -> None:
    """Each frame must be what the package says a frame of its type is; more fields are allowed, fewer are not."""
    by_type = {literal(model): model for model in models}
    for frame in frames:
        by_type[frame["type"]].model_validate(frame)


def literal(model: type[BaseModel]) -> str:
    return model.model_fields["type"].annotation.__args__[0]  # type: ignore[union-attr]
