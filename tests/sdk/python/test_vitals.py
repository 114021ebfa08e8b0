"""Vital signs through the unmodified `openai` package, which knows nothing of them: what it sends raw is understood."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bedside import Server, Session, consult

# A JPEG of 16×16 grey pixels.
PICTURE = (
    "/9j/2wBDABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAAL"
    "CAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAFBAAAQAAAAAAAAAAAAAAAAAAAP/aAAgBAQAAPwAA"
    "AP/Z"
)


async def vitals(session: Session, **vitals: Any) -> dict[str, Any]:
    update = {"type": "realtime", "bedside": {"vitals": vitals}}
    await session.connection.send({"type": "session.update", "session": update})
    return await session.expect("session.updated")


def test_pictures_are_scanned(server: Server, record: Path) -> None:
    async def talk(session: Session) -> None:
        updated = await vitals(session, enabled=True, region="face_crop", interval_ms=500)
        assert updated["session"]["bedside"]["vitals"]["interval_ms"] == 500
        scan = (await session.expect("vitals.scan.started"))["scan_id"]
        for frame in range(60):
            picture = {"image": PICTURE, "capture_time_us": frame * 33_333}
            await session.connection.send({"type": "input_video_buffer.append", **picture})
            await asyncio.sleep(0.01)
        progress = await session.expect("vitals.scan.progress")
        assert (progress["scan_id"], progress["face"]["found"]) == (scan, True)
        await session.connection.send({"type": "input_video_buffer.append", "image": "?", "capture_time_us": 0})
        error = (await session.expect("error"))["error"]
        assert (error["code"], error["param"]) == ("invalid_value", "image")
        await vitals(session, enabled=False)
        await session.expect("vitals.scan.failed")

    consult(server, record, talk, model="general-intake")


def test_who_does_not_ask_sees_nothing_of_them(server: Server, record: Path) -> None:
    async def talk(session: Session) -> None:
        await session.connection.send({"type": "input_video_buffer.append", "image": PICTURE, "capture_time_us": 0})
        assert (await session.expect("error"))["error"]["code"] == "video_not_enabled"
        await session.update(output_modalities=["text"])
        await session.connection.response.create()
        done = await session.expect("response.done")
        assert [item["type"] for item in done["response"]["output"]] == ["message"]
        assert not [kind for kind in session.kinds() if kind.startswith("vitals.")]
        assert "bedside" not in session.of("session.updated")[0]["session"]

    consult(server, record, talk, model="general-intake")
