import type { FaceBox } from "../wire/vitals.js";
import { type Size, type View, wholeView } from "./view.js";

/**
 * Sides of the pictures that are sent of a face, px. A server knows by the size of a picture that it shows another part
 * than the one before it: cuts take these in turn.
 */
const CUT_SIDES = [72, 76] as const;

/** The height of the face as a part of the cut's: as much skin as leaves a head room to move and to be found. */
const FACE_PART = 0.75;

/** How far the face may be off the place it was cut out at, as a part of the cut's side, and how much it may grow. */
const MOST_OFF = 0.1;
const MOST_GROWN = 1.25;

/**
 * Width of the smallest face that is cut out, px of the whole picture as it is sent: smaller ones the server asks to come
 * closer, and it cannot know how small a face was before it was cut out. One that is cut out already may be a bit smaller.
 */
const LEAST_WIDTH = { whole: 64, cut: 56 };

/** A cut around a face of the camera's picture, of another size than the view before it. */
export function cutAround(face: FaceBox, camera: Size, before: View): View {
  const [first, second] = CUT_SIDES;
  const side = before.width === first ? second : first;
  return { name: "cut", area: areaAround(face, camera), width: side, height: side };
}

/** Whether a face that was found in a view has the size to be cut out. */
export function isWorthCutting(face: FaceBox, camera: Size, view: View): boolean {
  return (face[2] * wholeView(camera).width) / camera.width >= LEAST_WIDTH[view.name];
}

/** Whether a face has left the middle of its cut, or is no longer as large as it was. */
export function hasLeft(cut: View, face: FaceBox, camera: Size): boolean {
  const [x, y, side] = cut.area;
  const [wantedX, wantedY, wanted] = areaAround(face, camera);
  const off = (from: number, to: number): number => Math.abs(to + wanted / 2 - (from + side / 2)) / side;
  const grown = wanted / side;
  return Math.max(off(x, wantedX), off(y, wantedY)) > MOST_OFF || grown > MOST_GROWN || grown < 1 / MOST_GROWN;
}

/** A square of whole pixels with the face in its middle, or nearest to it where the picture ends. */
function areaAround([x, y, width, height]: FaceBox, camera: Size): FaceBox {
  const side = Math.round(Math.min(height / FACE_PART, camera.width, camera.height));
  const within = (middle: number, most: number): number =>
    Math.round(Math.min(Math.max(middle - side / 2, 0), most - side));
  return [within(x + width / 2, camera.width), within(y + height / 2, camera.height), side, side];
}
