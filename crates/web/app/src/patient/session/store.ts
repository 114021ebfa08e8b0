import { useSyncExternalStore } from "react";

/** A value outside of React, and those who want to know when it changes. */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly get = (): T => this.#value;

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Sets what `change` makes of the value. */
  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Resolves once `test` holds. */
  when(test: (value: T) => boolean): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        if (!test(this.#value)) return false;
        stop();
        resolve(this.#value);
        return true;
      };
      const stop = this.subscribe(look);
      look();
    });
  }
}

/** The value of a store, or what `select` takes of it; renders anew only when that changes. */
export function useStore<T>(store: Store<T>): T;
export function useStore<T, Part>(store: Store<T>, select: (value: T) => Part): Part;
export function useStore<T, Part>(store: Store<T>, select?: (value: T) => Part): T | Part {
  return useSyncExternalStore(store.subscribe, () => (select === undefined ? store.get() : select(store.get())));
}
