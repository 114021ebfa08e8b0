import type { FaceBox, VitalsEvent } from "../wire/vitals.js";
import { cutAround, hasLeft, isWorthCutting } from "./cut.js";
import { type Size, toCamera, type View, wholeView } from "./view.js";
import { ViewLog } from "./view-log.js";

/** Tellings in a row that must show the face in one place of the whole picture before it is cut out. */
const AGREEING = 2;

/** As many at most, where the server did not find the face in the cuts before. */
const MOST_AGREEING = 32;

/** How far the edges of boxes may lie apart that are in one place, as a part of their sides. */
const ONE_PLACE = 0.12;

/**
 * Decides what of the camera's picture is sent: all of it until the server has told where the face is, then a loose cut
 * around it that is moved when the face leaves its middle, and all of it again when the face is lost. The server goes on
 * finding the face in the cut, so one scan goes on all the time.
 */
export class FaceFollower {
  readonly #views = new ViewLog();
  #camera: Size = { width: 0, height: 0 };
  /** What is sent; absent where it is to be the whole picture anew. */
  #view: View | undefined;
  #face: FaceBox | undefined;
  #candidate: FaceBox | undefined;
  #agreed = 0;
  #agreeing = AGREEING;
  /** Whether the server found the face in a cut since the whole picture was sent. */
  #proven = false;

  /** Where the face was last found, in the camera's pixels; `undefined` if it is lost or was not found yet. */
  get face(): FaceBox | undefined {
    return this.#face;
  }

  /** Size of the camera's picture; zero before the first frame. */
  get camera(): Size {
    return this.#camera;
  }

  /** What to send of a frame of the camera. To be asked for every frame that is sent, in the order of their capture. */
  viewOf(captureTimeUs: number, camera: Size): View {
    if (camera.width !== this.#camera.width || camera.height !== this.#camera.height) {
      this.#camera = camera;
      this.#view = undefined;
      this.#lose();
    }
    this.#view ??= wholeView(camera);
    if (this.#view !== this.#views.newest) this.#views.note(captureTimeUs, this.#view);
    return this.#view;
  }

  /** Takes every event of vital signs. */
  onEvent(event: VitalsEvent): void {
    if (event.type === "vitals.scan.completed" || event.type === "vitals.scan.failed") this.#lose();
    if (event.type !== "vitals.scan.progress") return;
    const shown = this.#views.at(event.capture_time_us);
    // What the server saw in another view than the present one says nothing of whether the present one is right.
    if (shown === undefined || shown !== this.#view) return;
    if (!event.face.found) this.#lose();
    else if (event.face.box !== undefined) this.#see(shown, toCamera(shown, event.face.box));
  }

  #see(shown: View, face: FaceBox): void {
    this.#face = face;
    if (shown.name === "whole") this.#consider(shown, face);
    else if (!isWorthCutting(face, this.#camera, shown)) this.#lose();
    else {
      this.#proven = true;
      this.#agreeing = AGREEING;
      if (hasLeft(shown, face, this.#camera)) this.#view = cutAround(face, this.#camera, shown);
    }
  }

  #consider(whole: View, face: FaceBox): void {
    this.#agreed = this.#candidate !== undefined && inOnePlace(this.#candidate, face) ? this.#agreed + 1 : 1;
    this.#candidate = face;
    if (this.#agreed < this.#agreeing || !isWorthCutting(face, this.#camera, whole)) return;
    this.#view = cutAround(face, this.#camera, whole);
    this.#proven = false;
  }

  #lose(): void {
    this.#face = undefined;
    this.#candidate = undefined;
    if (this.#view?.name !== "cut") return;
    this.#view = undefined;
    if (!this.#proven) this.#agreeing = Math.min(2 * this.#agreeing, MOST_AGREEING);
  }
}

function inOnePlace(one: FaceBox, other: FaceBox): boolean {
  const edges = ([x, y, width, height]: FaceBox): number[] => [x, x + width, y, y + height];
  const others = edges(other);
  return edges(one).every((edge, index) => {
    const side = (index < 2 ? one[2] : one[3]) || 1;
    return Math.abs(edge - (others[index] ?? edge)) <= ONE_PLACE * side;
  });
}
