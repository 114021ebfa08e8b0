import type { View } from "./view.js";

/** Changes of view that are remembered: far more than a server can be behind. */
const KEPT = 16;

/** Which view each picture showed, by its capture time. */
export class ViewLog {
  /** The newest first. */
  readonly #changes: { fromUs: number; view: View }[] = [];

  /** Takes that pictures captured from `fromUs` on show `view`. Times rise. */
  note(fromUs: number, view: View): void {
    this.#changes.unshift({ fromUs, view });
    if (this.#changes.length > KEPT) this.#changes.pop();
  }

  /** The newest view. */
  get newest(): View | undefined {
    return this.#changes[0]?.view;
  }

  /** What the picture captured at `timeUs` showed; `undefined` if that is not known any more. */
  at(timeUs: number): View | undefined {
    return this.#changes.find(({ fromUs }) => fromUs <= timeUs)?.view;
  }
}
