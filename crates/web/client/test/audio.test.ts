import assert from "node:assert/strict";
import { test } from "node:test";
import { toMonotonicUs } from "../src/audio/clock.js";
import { type CapturedFrame, Framer } from "../src/audio/framer.js";
import { fromBase64, fromPcm16, toPcm16 } from "../src/media/pcm.js";

const RATE = 48_000;

test("quanta become frames of 20 ms without a sample lost", () => {
  const framer = new Framer(RATE);
  const frames: CapturedFrame[] = [];
  const said = Float32Array.from({ length: 128 * 30 }, (_, at) => (at % 1_000) / 1_000);
  for (let at = 0; at < said.length; at += 128) {
    framer.push(said.subarray(at, at + 128), at / RATE, (frame) => frames.push(frame));
  }
  assert.deepEqual(
    frames.map((frame) => frame.pcm.length),
    [1_920, 1_920, 1_920, 1_920],
  );
  const sent = frames.flatMap((frame) => [...frame.pcm]);
  assert.deepEqual(sent, [...toPcm16(said)]);
});

test("a frame's time is that of its first sample", () => {
  const framer = new Framer(RATE);
  const times: number[] = [];
  for (let quantum = 0; quantum < 23; quantum++) {
    framer.push(new Float32Array(128), 5 + (quantum * 128) / RATE, ({ time }) => times.push(time));
  }
  assert.equal(times.length, 3);
  for (const [at, time] of times.entries()) assert.ok(Math.abs(time - 5 - at * 0.02) < 1e-9, `${time}`);
});

test("a quantum longer than a frame gives several", () => {
  const framer = new Framer(8_000);
  let frames = 0;
  framer.push(new Float32Array(500), 0, () => frames++);
  assert.equal(frames, 3);
});

test("frames share no memory, as each is given away", () => {
  const framer = new Framer(8_000);
  const frames: CapturedFrame[] = [];
  framer.push(new Float32Array(320), 0, (frame) => frames.push(frame));
  assert.notEqual(frames[0]?.pcm.buffer, frames[1]?.pcm.buffer);
});

test("samples are clipped, and keep their sign and order of bytes", () => {
  const pcm = toPcm16(Float32Array.of(0, 1, -1, 2, -2, 0.5));
  assert.deepEqual([...pcm], [0, 0, 0xff, 0x7f, 0, 0x80, 0xff, 0x7f, 0, 0x80, 0, 0x40]);
});

test("PCM16 is read wherever in a message it begins", () => {
  const message = Uint8Array.of(9, 0, 0x80, 0, 0x40, 7);
  assert.deepEqual([...fromPcm16(message.subarray(1))], [-1, 0.5]);
});

test("base64 is read", () => {
  assert.deepEqual([...fromBase64("AP8QgA==")], [0, 255, 16, 128]);
});

test("audio times are told on the page's clock", () => {
  const pair = { contextTime: 2, performanceTime: 10_000 };
  assert.equal(toMonotonicUs(2, pair), 10_000_000);
  assert.equal(toMonotonicUs(1.98, pair), 9_980_000);
  assert.equal(toMonotonicUs(-20, pair), 0);
});
