import type { Connection } from "../connection/connection.js";
import type { VideoFormat } from "../media/frame.js";
import { FrameStamper } from "../media/stamper.js";
import type { ServerEvent } from "../wire/server-event.js";
import type { VitalsConfig } from "../wire/session.js";
import type { FaceBox, VitalsEvent } from "../wire/vitals.js";
import { FaceFollower } from "./face-follower.js";
import { FrameClock } from "./frame-clock.js";
import { PictureTaker } from "./picture-taker.js";
import type { Size, View } from "./view.js";

/** Least time between whole pictures, µs: half of a camera's are enough until the face is found, and are large. */
const WHOLE_EVERY = 60_000;

/** A picture is left out when more than this waits to be sent, bytes: speech must not wait behind pictures. */
const MOST_BEFORE = 32 * 1024;

/** Where the patient's face is. */
export interface SeenFace {
  /** In pixels of the camera's picture; `undefined` while no face is known. */
  box: FaceBox | undefined;
  /** Size of the camera's picture; zero before its first frame. */
  camera: Size;
}

/** What a scan can be told; absent parts stay as they are. */
export type ScanOptions = Partial<Pick<VitalsConfig, "interval_ms" | "duration_ms">>;

/**
 * Asks for the camera that looks at the patient.
 * @throws DOMException `NotAllowedError` where the patient refuses, `NotFoundError` where there is none.
 */
export function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
  });
}

/**
 * A camera that looks at the patient: it sends pictures while a scan runs, whole ones until the server has found the face
 * and cuts around it from then on.
 */
export class Camera {
  readonly #connection: Connection;
  readonly #video: HTMLVideoElement;
  readonly #taker: PictureTaker;
  readonly #stamper = new FrameStamper();
  readonly #clock = new FrameClock();
  readonly #follower = new FaceFollower();
  readonly #listeners = new Set<(face: SeenFace) => void>();
  readonly #forget: () => void;
  #stream: MediaStream | undefined;
  #callback: number;
  #scanning = false;
  #compressing = false;
  #newestSent = Number.NEGATIVE_INFINITY;

  /**
   * Asks for the camera, plays it in `video`, and is ready for scans.
   * @throws DOMException as {@link openCamera} does.
   */
  static async open(connection: Connection, video: HTMLVideoElement): Promise<Camera> {
    const stream = await openCamera();
    video.srcObject = stream;
    video.muted = true;
    video.playsInline = true;
    await video.play();
    const camera = new Camera(connection, video);
    camera.#stream = stream;
    return camera;
  }

  /** Takes the pictures of a video element that plays a camera. Until a scan begins, or is joined, none is sent. */
  constructor(connection: Connection, video: HTMLVideoElement, taker = new PictureTaker()) {
    this.#connection = connection;
    this.#video = video;
    this.#taker = taker;
    this.#forget = connection.observe("event", (event) => this.#onEvent(event));
    this.#callback = video.requestVideoFrameCallback(this.#onFrame);
  }

  /** Where the face was last found. */
  get face(): SeenFace {
    return { box: this.#follower.face, camera: this.#follower.camera };
  }

  /** Calls `listener` whenever the server has told of the face, until the function returned is called. */
  onFace(listener: (face: SeenFace) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins a scan, or joins the one that runs; `false` if there is no open connection. */
  startScan(options: ScanOptions = {}): boolean {
    this.#scanning = this.#update({ ...options, enabled: true, region: "auto" });
    return this.#scanning;
  }

  /** Ends scans: the server tells what the one that runs came to, and takes no more pictures. */
  stopScan(): void {
    this.#scanning = false;
    this.#update({ enabled: false });
  }

  /** Takes no more pictures, and gives the camera back if it was opened here. */
  close(): void {
    this.#video.cancelVideoFrameCallback(this.#callback);
    this.#forget();
    this.#scanning = false;
    this.#listeners.clear();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }

  #update(vitals: Partial<VitalsConfig>): boolean {
    return this.#connection.send({ type: "session.update", session: { type: "realtime", bedside: { vitals } } });
  }

  #onEvent(event: ServerEvent): void {
    if (event.type === "error") {
      if (event.error.param?.startsWith("session.bedside.vitals") === true) this.#scanning = false;
      return;
    }
    if (!isOfVitals(event)) return;
    if (event.type === "vitals.scan.started") this.#scanning = true;
    if (event.type === "vitals.scan.completed" || event.type === "vitals.scan.failed") this.#scanning = false;
    this.#follower.onEvent(event);
    if (event.type === "vitals.waveform" || event.type === "vitals.updated") return;
    for (const listener of this.#listeners) listener(this.face);
  }

  readonly #onFrame: VideoFrameRequestCallback = (now, metadata) => {
    this.#callback = this.#video.requestVideoFrameCallback(this.#onFrame);
    const timeUs = this.#clock.read(metadata, now);
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!this.#scanning || timeUs === undefined || width === 0 || height === 0) return;
    const view = this.#follower.viewOf(timeUs, { width, height });
    if (view.name === "cut") this.#send("rgb24", view, timeUs, this.#taker.cut(this.#video, view));
    else if (!this.#compressing && timeUs - this.#newestSent >= WHOLE_EVERY) void this.#sendWhole(view, timeUs);
  };

  /** One picture is compressed at a time; those that come meanwhile are left out, as lost ones do no harm. */
  async #sendWhole(view: View, timeUs: number): Promise<void> {
    this.#compressing = true;
    try {
      const jpeg = await this.#taker.whole(this.#video, view);
      // One that a cut has overtaken is late, and would have the server look for the face in another view again.
      if (this.#scanning && timeUs > this.#newestSent) this.#send("jpeg", view, timeUs, jpeg);
    } finally {
      this.#compressing = false;
    }
  }

  #send(format: VideoFormat, { width, height }: View, timeUs: number, payload: Uint8Array): void {
    this.#newestSent = timeUs;
    this.#connection.sendFrame(this.#stamper.video({ format, width, height }, timeUs, payload), MOST_BEFORE);
  }
}

function isOfVitals(event: ServerEvent): event is ServerEvent & VitalsEvent {
  return event.type.startsWith("vitals.");
}
