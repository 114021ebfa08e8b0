import { expect, test } from "vitest";
import { preferred } from "./language";

test("the first language we speak is preferred", () => {
  expect(preferred(["fr-CH", "es-MX", "en"])).toBe("es");
  expect(preferred(["en-GB", "es"])).toBe("en");
});

test("English is spoken to those whose languages we do not know", () => {
  expect(preferred(["fr", "esx"])).toBe("en");
  expect(preferred([])).toBe("en");
});
