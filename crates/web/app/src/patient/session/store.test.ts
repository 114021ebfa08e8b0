import { expect, test, vi } from "vitest";
import { Store } from "./store";

test("listeners are told of changes alone", () => {
  const store = new Store(1);
  const listener = vi.fn();
  const stop = store.subscribe(listener);
  store.set(1);
  expect(listener).not.toHaveBeenCalled();
  store.update((value) => value + 1);
  expect(listener).toHaveBeenCalledOnce();
  stop();
  store.set(3);
  expect(listener).toHaveBeenCalledOnce();
});

test("a value can be waited for, also one that is there", async () => {
  const store = new Store(1);
  const later = store.when((value) => value > 1);
  store.set(2);
  expect(await later).toBe(2);
  expect(await store.when((value) => value === 2)).toBe(2);
});
