import type { VideoFormat } from "../media/frame.js";
import type { FaceBox } from "../wire/vitals.js";
import { clampBox } from "./crop.js";
import { FrameClock } from "./frame-clock.js";
import { toRgb24 } from "./rgb.js";

/** Sides of a face that is sent, px. */
export const FACE_SIDE = 72;

/** Widest whole picture that is sent, px. */
const WHOLE_WIDTH = 640;

/** A pulse is fainter than what stronger compression throws away. */
const JPEG_QUALITY = 0.92;

/** A picture, ready to be sent. */
export interface Picture {
  format: VideoFormat;
  width: number;
  height: number;
  captureTimeUs: number;
  payload: Uint8Array<ArrayBuffer>;
}

/** What is sent of the camera's picture: a face alone (`face_crop`), or all of it (`auto`). Boxes are in its pixels. */
export type Region = { name: "whole" } | { name: "face"; box: FaceBox };

/** Asks for the camera that looks at the patient. */
export function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
  });
}

/** Takes the pictures of a video element that plays a camera, as they come. */
export class CameraSender {
  readonly #video: HTMLVideoElement;
  readonly #onPicture: (picture: Picture) => void;
  readonly #canvas = new OffscreenCanvas(FACE_SIDE, FACE_SIDE);
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #clock = new FrameClock();
  #region: Region = { name: "whole" };
  #compressing = false;
  #callback: number;

  /**
   * Begins at once.
   * @throws Error if the browser has no two-dimensional canvas to give.
   */
  constructor(video: HTMLVideoElement, onPicture: (picture: Picture) => void) {
    const context = this.#canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    if (context === null) throw new Error("no two-dimensional canvas");
    this.#context = context;
    this.#video = video;
    this.#onPicture = onPicture;
    this.#callback = video.requestVideoFrameCallback(this.#onFrame);
  }

  /** What to send from the next picture on. */
  set region(region: Region) {
    this.#region = region;
  }

  /** Pixels of the camera's picture for one of a whole picture as it was sent: what the server's boxes are scaled by. */
  get wholeScale(): number {
    return Math.max(1, this.#video.videoWidth / WHOLE_WIDTH);
  }

  close(): void {
    this.#video.cancelVideoFrameCallback(this.#callback);
    this.#callback = -1;
  }

  readonly #onFrame: VideoFrameRequestCallback = (_now, metadata) => {
    this.#callback = this.#video.requestVideoFrameCallback(this.#onFrame);
    const captureTimeUs = this.#clock.read(metadata);
    const { videoWidth, videoHeight } = this.#video;
    if (captureTimeUs === undefined || videoWidth === 0) return;
    if (this.#region.name === "whole") {
      void this.#takeWhole(videoWidth, videoHeight, captureTimeUs);
      return;
    }
    const box = clampBox(this.#region.box, videoWidth, videoHeight);
    if (box !== undefined) this.#takeFace(box, captureTimeUs);
  };

  #takeFace(box: FaceBox, captureTimeUs: number): void {
    this.#draw(...box, FACE_SIDE, FACE_SIDE);
    const { data } = this.#context.getImageData(0, 0, FACE_SIDE, FACE_SIDE);
    this.#onPicture({
      format: "rgb24",
      width: FACE_SIDE,
      height: FACE_SIDE,
      captureTimeUs,
      payload: toRgb24(data),
    });
  }

  /** One picture is compressed at a time; those that come meanwhile are left out, as lost ones do no harm. */
  async #takeWhole(videoWidth: number, videoHeight: number, captureTimeUs: number): Promise<void> {
    if (this.#compressing) return;
    this.#compressing = true;
    try {
      const width = Math.round(videoWidth / this.wholeScale);
      const height = Math.round(videoHeight / this.wholeScale);
      this.#draw(0, 0, videoWidth, videoHeight, width, height);
      const blob = await this.#canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY });
      const payload = new Uint8Array(await blob.arrayBuffer());
      if (this.#callback !== -1 && this.#region.name === "whole") {
        this.#onPicture({ format: "jpeg", width, height, captureTimeUs, payload });
      }
    } finally {
      this.#compressing = false;
    }
  }

  #draw(x: number, y: number, w: number, h: number, width: number, height: number): void {
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context.drawImage(this.#video, x, y, w, h, 0, 0, width, height);
  }
}
