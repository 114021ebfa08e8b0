import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection } from "../src/connection/connection.js";
import { decodeFrame, type VideoHeader } from "../src/media/frame.js";
import { Camera } from "../src/video/camera.js";
import type { PictureTaker } from "../src/video/picture-taker.js";
import type { View } from "../src/video/view.js";
import { FakeEnvironment } from "./fake-environment.js";

/** A video element whose frames come when the test says so. */
class FakeVideo {
  readonly videoWidth = 640;
  readonly videoHeight = 480;
  callbacks = new Map<number, (now: number, times: { captureTime: number; mediaTime: number }) => void>();
  #next = 0;

  requestVideoFrameCallback(callback: never): number {
    this.callbacks.set(++this.#next, callback);
    return this.#next;
  }

  cancelVideoFrameCallback(id: number): void {
    this.callbacks.delete(id);
  }

  /** A frame captured at `ms`. */
  frame(ms: number): void {
    const [id, callback] = [...this.callbacks][0] ?? [];
    if (id === undefined || callback === undefined) return;
    this.callbacks.delete(id);
    callback(ms + 5, { captureTime: ms, mediaTime: 0 });
  }
}

/** Pictures without pixels; whole ones are ready when the test says so. */
class FakeTaker {
  waiting: (() => void)[] = [];

  cut(_video: unknown, view: View): Uint8Array<ArrayBuffer> {
    return new Uint8Array(view.width * view.height * 3);
  }

  whole(): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve) => this.waiting.push(() => resolve(new Uint8Array(100))));
  }

  async finish(): Promise<void> {
    for (const ready of this.waiting.splice(0)) ready();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function open() {
  const environment = new FakeEnvironment();
  const connection = new Connection({ url: "ws://host/v1" }, environment);
  environment.socket.onopen?.();
  const [video, taker] = [new FakeVideo(), new FakeTaker()];
  const camera = new Camera(connection, video as unknown as HTMLVideoElement, taker as unknown as PictureTaker);
  const { socket } = environment;
  const pictures = (): [string, number, number, number][] =>
    socket.sent
      .filter((message) => message instanceof ArrayBuffer)
      .map((message) => decodeFrame(message).header as VideoHeader)
      .map(({ format, width, timeUs, sequence }) => [format, width, timeUs, sequence]);
  const tell = (type: string, more: object = {}): void => socket.say({ type, event_id: "e", scan_id: "s", ...more });
  const progress = (capture_time_us: number, box?: number[]): void =>
    tell("vitals.scan.progress", {
      capture_time_us,
      elapsed_ms: 0,
      face: { found: box !== undefined, box },
      guidance: "ok",
    });
  return { camera, video, taker, socket, pictures, tell, progress };
}

const BOX = [250, 150, 100, 172];

/** A camera whose face is being cut out from the frame of 200 ms on. */
async function cutting() {
  const all = open();
  all.camera.startScan();
  for (const ms of [0, 100]) {
    all.video.frame(ms);
    await all.taker.finish();
    all.progress(ms * 1_000, BOX);
  }
  return all;
}

test("pictures are sent while a scan runs, whoever began it", async () => {
  const { camera, video, taker, socket, pictures, tell } = open();
  video.frame(0);
  await taker.finish();
  assert.deepEqual(pictures(), []);
  tell("vitals.scan.started");
  video.frame(100);
  await taker.finish();
  tell("vitals.scan.failed", { reason: "no_video" });
  video.frame(200);
  await taker.finish();
  assert.deepEqual(pictures(), [["jpeg", 640, 100_000, 0]]);
  assert.equal(camera.startScan({ duration_ms: 30_000 }), true);
  const vitals = { duration_ms: 30_000, enabled: true, region: "auto" };
  const asked = { type: "session.update", session: { type: "realtime", bedside: { vitals } } };
  assert.deepEqual(JSON.parse(String(socket.sent.at(-1))), asked);
  video.frame(300);
  await taker.finish();
  camera.stopScan();
  video.frame(400);
  await taker.finish();
  assert.deepEqual(
    pictures().map(([, , time]) => time),
    [100_000, 300_000],
  );
});

test("no pictures go to a server that takes none", async () => {
  const { camera, video, taker, socket, pictures } = open();
  camera.startScan();
  const error = { code: "unsupported_parameter", param: "session.bedside.vitals.enabled" };
  socket.say({ type: "error", event_id: "e", error });
  video.frame(0);
  await taker.finish();
  assert.deepEqual(pictures(), []);
});

test("whole pictures are few and one at a time, cuts are all", async () => {
  const { video, taker, pictures, progress } = await cutting();
  for (const ms of [200, 233, 267]) video.frame(ms);
  assert.deepEqual(pictures().slice(2), [
    ["rgb24", 72, 200_000, 2],
    ["rgb24", 72, 233_000, 3],
    ["rgb24", 72, 267_000, 4],
  ]);
  progress(267_000);
  for (const ms of [300, 333, 367, 400]) video.frame(ms);
  assert.equal(taker.waiting.length, 1);
  await taker.finish();
  for (const ms of [433, 467]) video.frame(ms);
  await taker.finish();
  assert.deepEqual(
    pictures()
      .slice(5)
      .map(([format, , time]) => [format, time]),
    [
      ["jpeg", 333_000],
      ["jpeg", 433_000],
    ],
  );
});

test("a whole picture that a cut has overtaken is not sent", async () => {
  const { camera, video, taker, pictures, progress } = open();
  camera.startScan();
  video.frame(0);
  await taker.finish();
  progress(0, BOX);
  video.frame(100);
  progress(100_000, BOX);
  video.frame(133);
  await taker.finish();
  assert.deepEqual(
    pictures().map(([format, , time]) => [format, time]),
    [
      ["jpeg", 0],
      ["rgb24", 133_000],
    ],
  );
});

test("the face is told in the camera's pixels until the scan is over", async () => {
  const { camera, video, progress, tell } = await cutting();
  const told: (number[] | undefined)[] = [];
  camera.onFace(({ box }) => told.push(box?.map(Math.round)));
  assert.deepEqual(camera.face, { box: BOX, camera: { width: 640, height: 480 } });
  video.frame(200);
  progress(200_000, [20, 9, 31, 54]);
  tell("vitals.scan.failed", { reason: "not_peaked" });
  assert.equal(told.length, 2);
  const [box] = told;
  assert.ok(
    box?.every((value, index) => Math.abs(value - (BOX[index] ?? 0)) < 4),
    String(box),
  );
  assert.equal(told[1], undefined);
});

test("a camera that is closed sends and hears nothing", async () => {
  const { camera, video, taker, pictures, tell } = await cutting();
  camera.close();
  tell("vitals.scan.started");
  video.frame(200);
  await taker.finish();
  assert.deepEqual([pictures().length, video.callbacks.size], [2, 0]);
});
