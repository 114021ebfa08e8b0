import type { FacePlace } from "../session/camera";

/**
 * Where a place in a picture (fractions of it) lies on a stage that the picture covers, mirrored; px. `aspect` is the
 * picture's width over its height.
 */
export function placeOver(
  [x, y, w, h]: FacePlace,
  aspect: number,
  stageWidth: number,
  stageHeight: number,
): [x: number, y: number, width: number, height: number] {
  // `object-fit: cover`: the picture is as large as it must be, and what is over is cut off on both sides.
  const width = Math.max(stageWidth, stageHeight * aspect);
  const height = width / aspect;
  const left = (stageWidth - width) / 2;
  const top = (stageHeight - height) / 2;
  return [left + (1 - x - w) * width, top + y * height, w * width, h * height];
}
