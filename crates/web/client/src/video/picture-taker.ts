import { shrinkToRgb24 } from "./shrink.js";
import type { View } from "./view.js";

/** A pulse is fainter than what stronger compression throws away. */
const JPEG_QUALITY = 0.92;

/** Largest side that is read back of a cut, px: beyond it the browser leaves pixels out, of which there are enough. */
const MOST_READ = 512;

type Bytes = Uint8Array<ArrayBuffer>;

/** Takes pictures of a video element. */
export class PictureTaker {
  readonly #whole = newCanvas();
  readonly #cut = newCanvas();

  /** A cut as `rgb24`. */
  cut(video: HTMLVideoElement, view: View): Bytes {
    const [, , width, height] = view.area;
    const step = Math.ceil(Math.max(width, height) / MOST_READ);
    const read = { width: Math.round(width / step), height: Math.round(height / step) };
    draw(this.#cut, video, view, read.width, read.height);
    return shrinkToRgb24(this.#cut.getImageData(0, 0, read.width, read.height).data, read, view);
  }

  /** A whole picture as JPEG, compressed beside the page's own work. One at a time. */
  async whole(video: HTMLVideoElement, view: View): Promise<Bytes> {
    draw(this.#whole, video, view, view.width, view.height);
    const blob = await this.#whole.canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY });
    return new Uint8Array(await blob.arrayBuffer());
  }
}

function newCanvas(): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true, alpha: false });
  if (context === null) throw new Error("no two-dimensional canvas");
  return context;
}

function draw(
  context: OffscreenCanvasRenderingContext2D,
  video: HTMLVideoElement,
  view: View,
  width: number,
  height: number,
): void {
  const { canvas } = context;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.drawImage(video, ...view.area, 0, 0, width, height);
}
