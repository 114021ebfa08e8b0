import type { FaceBox, VitalsEvent } from "../wire/vitals.js";
import type { Region } from "./camera.js";
import { scaleBox, steadyBox } from "./crop.js";

/** Tellings in a row that must show the face in one place before it is cut out. */
const AGREEING = 2;

/** Tellings in a row of a restless picture after which the face is looked for anew: it has left the cut. */
const RESTLESS = 3;

/** What to send from now on, and the `session.bedside.vitals.region` that goes with it. */
export interface Following {
  region: Region;
  vitalsRegion: "auto" | "face_crop";
}

/**
 * Has the server find the face in whole pictures, then has the face alone sent. Every change of mind ends the scan and
 * begins another, so it takes several tellings to bring one about.
 */
export class FaceFollower {
  #following = false;
  #candidate: FaceBox | undefined;
  #count = 0;

  /**
   * Takes every event of vital signs; `scale` is the camera's pixels for one of a picture as it was sent. Returns what
   * is to be changed, if anything is.
   */
  onEvent(event: VitalsEvent, scale: number): Following | undefined {
    if (event.type === "vitals.scan.started") this.#count = 0;
    if (event.type !== "vitals.scan.progress") return undefined;
    if (this.#following) return this.#watch(event.guidance === "hold_still");
    return this.#look(event.face.found ? event.face.box : undefined, scale);
  }

  #look(box: FaceBox | undefined, scale: number): Following | undefined {
    if (box === undefined) {
      this.#candidate = undefined;
      return undefined;
    }
    const steady = steadyBox(this.#candidate, box);
    this.#count = steady === this.#candidate ? this.#count + 1 : 1;
    this.#candidate = steady;
    if (this.#count < AGREEING) return undefined;
    this.#change(true);
    return { region: { name: "face", box: scaleBox(box, scale) }, vitalsRegion: "face_crop" };
  }

  #watch(restless: boolean): Following | undefined {
    this.#count = restless ? this.#count + 1 : 0;
    if (this.#count < RESTLESS) return undefined;
    this.#change(false);
    return { region: { name: "whole" }, vitalsRegion: "auto" };
  }

  #change(following: boolean): void {
    this.#following = following;
    this.#candidate = undefined;
    this.#count = 0;
  }
}
