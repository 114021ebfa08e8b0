"""Validates server events strictly: standard ones against the `openai` package, all of them against our JSON Schema.

    validate_events.py --schema server.schema.json events.jsonl [more.jsonl ...]

Each line is one event as the server sent it. The SDK itself accepts nearly anything (it constructs models without
validating); this does not: types are checked without coercion, required fields must be there, and a field that the
package does not know is a failure, but for the documented ones in EXTRA. Exits 1 if any event fails, and prints each
failure; `--require-all` also fails if any kind of event of the schema never occurs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Iterator, get_args

from jsonschema import Draft202012Validator
from openai.types.realtime import RealtimeServerEvent
from pydantic import BaseModel, ValidationError

# Fields of the documented wire that the package's types of these objects lack.
EXTRA = {
    # The package declares these on RealtimeSessionCreateResponse alone; `bedside` is our extension, when asked for.
    "session": {"id", "object", "expires_at", "bedside"},
    # The only event whose type has no `event_id`.
    "input_audio_buffer.dtmf_event_received": {"event_id"},
}


def models_by_type() -> dict[str, type[BaseModel]]:
    union = get_args(RealtimeServerEvent)[0]
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(union)}


def unknown_fields(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in sorted((value.model_extra or {}).keys() - EXTRA.get(path, set())):
            yield f"{path}.{name}: unknown to the openai package"
        for name in type(value).model_fields:
            inner = name if path in MODELS else f"{path}.{name}"
            yield from unknown_fields(getattr(value, name), inner)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from unknown_fields(element, f"{path}[{index}]")


MODELS = models_by_type()


def problems(line: str, schema: Draft202012Validator) -> tuple[str, list[str]]:
    try:
        event = json.loads(line)
    except json.JSONDecodeError as error:
        return "?", [f"not JSON: {error}"]
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str):
        return "?", ["no type"]
    found = [f"schema: {error.json_path}: {error.message}" for error in schema.iter_errors(event)]
    if kind.startswith(("bedside.", "vitals.")):
        return kind, found
    model = MODELS.get(kind)
    if model is None:
        return kind, [*found, "no such event in the openai package"]
    try:
        validated = model.model_validate_json(line, strict=True)
    except ValidationError as error:
        return kind, [*found, *(f"{e['loc']}: {e['msg']}" for e in error.errors())]
    return kind, [*found, *unknown_fields(validated, kind)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schema", type=Path, required=True, help="JSON Schema of server events")
    parser.add_argument("--require-all", action="store_true", help="fail if a kind of event never occurs")
    parser.add_argument("files", nargs="+", type=Path, help="server events, one JSON object a line")
    args = parser.parse_args()

    document = json.loads(args.schema.read_text())
    Draft202012Validator.check_schema(document)
    schema = Draft202012Validator(document)
    seen: dict[str, int] = {}
    failures = 0
    for path in args.files:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line.strip():
                continue
            kind, found = problems(line, schema)
            seen[kind] = seen.get(kind, 0) + 1
            failures += bool(found)
            for problem in found:
                print(f"{path}:{number}: {kind}: {problem}", file=sys.stderr)
    total = sum(seen.values())
    print(f"{total - failures} of {total} events valid, {len(seen)} kinds")
    if args.require_all:
        known = {variant["properties"]["type"]["const"] for variant in document["oneOf"]}
        for kind in sorted(known - seen.keys()):
            print(f"never seen: {kind}", file=sys.stderr)
            failures += 1
    return 1 if failures or not total else 0


if __name__ == "__main__":
    sys.exit(main())
