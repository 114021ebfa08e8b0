import assert from "node:assert/strict";
import { test } from "node:test";
import { SpokenText } from "../src/conversation/spoken-text.js";

const PART = { itemId: "a", contentIndex: 0 };

test("words appear as they are begun, and none is cut", () => {
  const spoken = new SpokenText();
  spoken.onText(PART, "One three five");
  spoken.onAudio(PART, 1_400);
  spoken.onEnd(PART);
  assert.equal(spoken.at(PART, 0), "");
  assert.equal(spoken.at(PART, 10), "One");
  assert.equal(spoken.at(PART, 450), "One three");
  assert.equal(spoken.at(PART, 1_400), "One three five");
});

test("a segment is not spoken before its own audio", () => {
  const spoken = new SpokenText();
  spoken.onText(PART, "Slowly spoken. ");
  spoken.onAudio(PART, 3_000);
  spoken.onText(PART, "Next.");
  spoken.onAudio(PART, 500);
  assert.equal(spoken.at(PART, 2_999).trim(), "Slowly spoken.");
  assert.equal(spoken.at(PART, 3_001), "Slowly spoken. Next.");
});

test("what was shown is not taken back when speech turns out slower than reckoned", () => {
  const spoken = new SpokenText();
  spoken.onText(PART, "twelve chars and more");
  spoken.onAudio(PART, 400);
  const before = spoken.at(PART, 900);
  spoken.onAudio(PART, 4_000);
  assert.ok(before.length > 0);
  assert.equal(spoken.at(PART, 910), before);
});

test("parts do not mix", () => {
  const spoken = new SpokenText();
  spoken.onText(PART, "One");
  spoken.onText({ ...PART, itemId: "b" }, "Two");
  assert.equal(spoken.at({ ...PART, itemId: "b" }, 5), "Two");
  spoken.drop(PART);
  assert.equal(spoken.at(PART, 5), "");
});
