import type { FaceBox } from "../wire/vitals.js";

/** The part of a face box that lies in a picture, in whole pixels; `undefined` if none does. */
export function clampBox([x, y, width, height]: FaceBox, frameWidth: number, frameHeight: number): FaceBox | undefined {
  const left = Math.max(0, Math.round(x));
  const top = Math.max(0, Math.round(y));
  const right = Math.min(frameWidth, Math.round(x + width));
  const bottom = Math.min(frameHeight, Math.round(y + height));
  return right > left && bottom > top ? [left, top, right - left, bottom - top] : undefined;
}

/**
 * The box to cut out, given the one cut out so far and the face found now. Detectors tremble, and a cut that trembles
 * with them is seen as motion: the box stays until an edge is off by more than `tolerance` of its side.
 */
export function steadyBox(current: FaceBox | undefined, found: FaceBox, tolerance = 0.12): FaceBox {
  if (current === undefined) return found;
  const [x, y, width, height] = current;
  const off = Math.max(
    Math.abs(found[0] - x) / width,
    Math.abs(found[0] + found[2] - x - width) / width,
    Math.abs(found[1] - y) / height,
    Math.abs(found[1] + found[3] - y - height) / height,
  );
  return off > tolerance ? found : current;
}

/** A box of one picture in the pixels of another of the same view, as where what was sent was made smaller. */
export function scaleBox([x, y, width, height]: FaceBox, factor: number): FaceBox {
  return [x * factor, y * factor, width * factor, height * factor];
}
