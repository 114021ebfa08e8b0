import { expect, test } from "vitest";
import { deviceRefusal } from "./status";

test("a refusal is told from a device that is not there or taken", () => {
  expect(deviceRefusal(new DOMException("", "NotAllowedError"))).toBe("refused");
  expect(deviceRefusal(new DOMException("", "NotFoundError"))).toBe("missing");
  expect(deviceRefusal(new TypeError("mediaDevices is undefined"))).toBe("missing");
  expect(deviceRefusal(new DOMException("", "NotReadableError"))).toBe("failed");
});
