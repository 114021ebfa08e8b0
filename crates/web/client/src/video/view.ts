import type { FaceBox } from "../wire/vitals.js";

/** Width and height, px. */
export interface Size {
  width: number;
  height: number;
}

/** What of the camera's picture is sent, and how large. */
export interface View extends Size {
  name: "whole" | "cut";
  /** The part that is shown, in the camera's pixels. */
  area: FaceBox;
}

/** Widest whole picture that is sent, px. */
const WHOLE_WIDTH = 640;

/** All of the camera's picture. */
export function wholeView(camera: Size): View {
  const scale = Math.min(1, WHOLE_WIDTH / camera.width);
  return {
    name: "whole",
    area: [0, 0, camera.width, camera.height],
    width: Math.round(camera.width * scale),
    height: Math.round(camera.height * scale),
  };
}

/** A box of a picture that was sent, in the camera's pixels. */
export function toCamera(view: View, [x, y, width, height]: FaceBox): FaceBox {
  const [left, top, areaWidth, areaHeight] = view.area;
  const [across, down] = [areaWidth / view.width, areaHeight / view.height];
  return [left + x * across, top + y * down, width * across, height * down];
}
