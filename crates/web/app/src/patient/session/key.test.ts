import { expect, test, vi } from "vitest";
import { takeKey } from "./key";

const at = (hash: string) => ({ hash, pathname: "/", search: "?model=knee" });

test("a key is taken out of the address", () => {
  const replaceState = vi.fn();
  expect(takeKey(at("#key=ek_1"), { state: null, replaceState } as unknown as History)).toBe("ek_1");
  expect(replaceState).toHaveBeenCalledExactlyOnceWith(null, "", "/?model=knee");
});

test("an address without a key is left alone", () => {
  const replaceState = vi.fn();
  for (const hash of ["", "#other"]) {
    expect(takeKey(at(hash), { state: null, replaceState } as unknown as History)).toBeUndefined();
  }
  expect(replaceState).not.toHaveBeenCalled();
});
