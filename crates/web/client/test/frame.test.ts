import assert from "node:assert/strict";
import { test } from "node:test";
import { type AudioHeader, decodeFrame, encodeFrame, InvalidFrame, type VideoHeader } from "../src/media/frame.js";
import { FrameStamper } from "../src/media/stamper.js";

const AUDIO: AudioHeader = { kind: "audio", codec: "pcm16", sampleRate: 24_000, sequence: 0, timeUs: 0 };
const FACE: VideoHeader = { kind: "video", format: "rgb24", width: 72, height: 72, sequence: 0, timeUs: 0 };

test("a header is written as the wire has it", () => {
  const header: AudioHeader = { ...AUDIO, sequence: 0x0201, timeUs: 0x1_0807_0605 };
  const bytes = new Uint8Array(encodeFrame(header, new Uint8Array(480)));
  assert.deepEqual([...bytes.slice(0, 16)], [1, 1, 1, 2, 5, 6, 7, 8, 1, 0, 0, 0, 240, 0, 1, 0]);
  assert.equal(bytes.length, 16 + 480);
});

test("a picture's sides are written in full", () => {
  const header: VideoHeader = { ...FACE, format: "jpeg", width: 640, height: 480 };
  const bytes = new Uint8Array(encodeFrame(header, new Uint8Array([0xff, 0xd8])));
  assert.deepEqual([...bytes.slice(0, 4), ...bytes.slice(12)], [2, 4, 0, 0, 0x80, 2, 0xe0, 1, 0xff, 0xd8]);
});

test("frames of every format read back", () => {
  const frames: [AudioHeader | VideoHeader, number][] = [
    [{ ...AUDIO, sampleRate: 22_050, timeUs: 2 ** 52 + 1, sequence: 65_535 }, 882],
    [{ ...AUDIO, codec: "pcmu", sampleRate: 8_000 }, 160],
    [{ ...AUDIO, codec: "pcma", sampleRate: 8_000 }, 160],
    [{ ...AUDIO, codec: "opus", sampleRate: 48_000 }, 60],
    [FACE, 72 * 72 * 3],
    [{ ...FACE, format: "rgba32", width: 3, height: 5 }, 60],
    [{ ...FACE, format: "i420", width: 4, height: 2 }, 12],
    [{ ...FACE, format: "jpeg", width: 1_920, height: 1_080 }, 7],
  ];
  for (const [header, bytes] of frames) {
    const payload = new Uint8Array(bytes).map((_, at) => at);
    const frame = decodeFrame(encodeFrame(header, payload));
    assert.deepEqual(frame.header, header);
    assert.deepEqual(frame.payload, payload);
  }
});

test("what the server would refuse is not sent", () => {
  const refused: [AudioHeader | VideoHeader, number][] = [
    [AUDIO, 0],
    [AUDIO, 481],
    [AUDIO, 478],
    [AUDIO, 24 * 2 * 121],
    [{ ...AUDIO, sampleRate: 32_000 }, 640],
    [{ ...AUDIO, codec: "pcmu" }, 480],
    [{ ...AUDIO, sequence: 65_536 }, 480],
    [{ ...AUDIO, timeUs: -1 }, 480],
    [{ ...AUDIO, timeUs: 0.5 }, 480],
    [FACE, 72 * 72 * 3 - 1],
    [{ ...FACE, width: 0 }, 1],
    [{ ...FACE, format: "jpeg", width: 1_921 }, 9],
    [{ ...FACE, format: "i420", width: 3, height: 2 }, 9],
    [{ ...FACE, format: "jpeg" }, 2 * 1_024 * 1_024 + 1],
  ];
  for (const [header, bytes] of refused) {
    assert.throws(() => encodeFrame(header, new Uint8Array(bytes)), InvalidFrame, JSON.stringify([header, bytes]));
  }
});

test("what is no frame is told apart", () => {
  const broken = (at: number, value: number) => {
    const message = encodeFrame(AUDIO, new Uint8Array(480));
    new Uint8Array(message)[at] = value;
    return message;
  };
  const messages = [
    new ArrayBuffer(15),
    broken(0, 3),
    broken(0, 0),
    broken(1, 0),
    broken(1, 5),
    broken(12, 241),
    broken(14, 2),
  ];
  for (const message of messages) assert.throws(() => decodeFrame(message), InvalidFrame);
});

test("numbers rise by one and wrap; a refused frame takes none", () => {
  const stamper = new FrameStamper();
  const media = { codec: "pcm16", sampleRate: 24_000 } as const;
  const next = () => decodeFrame(stamper.audio(media, 0, new Uint8Array(480))).header.sequence;
  assert.deepEqual([next(), next()], [0, 1]);
  assert.throws(() => stamper.audio(media, 0, new Uint8Array(1)), InvalidFrame);
  for (let at = 2; at < 65_536; at++) assert.equal(next(), at);
  assert.equal(next(), 0);
});
