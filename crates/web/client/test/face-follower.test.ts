import assert from "node:assert/strict";
import { test } from "node:test";
import { FaceFollower } from "../src/video/face-follower.js";
import type { View } from "../src/video/view.js";
import type { FaceBox, Guidance, VitalsEvent } from "../src/wire/vitals.js";

const CAMERA = { width: 1_280, height: 960 };
/** In pixels of the whole picture as it is sent, half of the camera's. */
const BOX: FaceBox = [250, 150, 100, 172];
const IN_CAMERA: FaceBox = [500, 300, 200, 344];

/** A page and the server's tellings of it, both on the clock of the camera. */
class Page {
  readonly follower = new FaceFollower();
  now = 1_000_000;

  /** What is sent of the next frame. */
  view(): View {
    this.now += 33_000;
    return this.follower.viewOf(this.now, CAMERA);
  }

  /** Tells of the face in the picture captured at `at`: where it is, that it is nowhere, or only that it is there. */
  tell(box: FaceBox | "nowhere" | "somewhere", { at = this.now, guidance = "ok" as Guidance } = {}): void {
    this.follower.onEvent({
      type: "vitals.scan.progress",
      scan_id: "s",
      capture_time_us: at,
      elapsed_ms: 0,
      face: box === "nowhere" ? { found: false } : box === "somewhere" ? { found: true } : { found: true, box },
      guidance,
    });
  }

  /** Where the camera's face lies in what is sent. */
  seen([x, y, width, height]: FaceBox): FaceBox {
    const view = this.view();
    const scale = view.width / view.area[2];
    return [(x - view.area[0]) * scale, (y - view.area[1]) * scale, width * scale, height * scale];
  }

  static cutting(): Page {
    const page = new Page();
    for (let i = 0; i < 2; i++) {
      page.view();
      page.tell(BOX);
    }
    assert.equal(page.view().name, "cut");
    return page;
  }
}

test("a face in one place twice is cut out loosely, as a small square", () => {
  const page = new Page();
  assert.deepEqual(page.view(), { name: "whole", area: [0, 0, 1_280, 960], width: 640, height: 480 });
  page.tell(BOX);
  assert.equal(page.view().name, "whole");
  page.tell([254, 148, 100, 172]);
  const { name, area, width, height } = page.view();
  assert.deepEqual([name, width, height, area[2]], ["cut", 72, 72, area[3]]);
  assert.ok(IN_CAMERA[3] / area[3] > 0.7 && IN_CAMERA[3] / area[3] < 0.8, String(area));
  assert.deepEqual(page.follower.face, [508, 296, 200, 344]);
});

test("a face that moves, goes, or is far away is sent whole", () => {
  const page = new Page();
  for (const box of [BOX, [350, 150, 100, 172], "nowhere", BOX, "nowhere", BOX] as const) {
    page.view();
    page.tell(box === "nowhere" ? box : [...box]);
  }
  for (let i = 0; i < 4; i++) {
    page.view();
    page.tell([300, 200, 60, 103], { guidance: "move_closer" });
  }
  assert.equal(page.view().name, "whole");
});

test("boxes are in the camera's pixels, whichever picture they were found in", () => {
  const page = Page.cutting();
  page.tell(page.seen(IN_CAMERA));
  const face = page.follower.face ?? [];
  assert.ok(
    face.every((value, index) => Math.abs(value - (IN_CAMERA[index] ?? 0)) < 1e-6),
    String(face),
  );
});

test("what is told of a picture from before the cut changes nothing", () => {
  const page = new Page();
  page.view();
  page.tell(BOX);
  page.view();
  const before = page.now;
  page.tell(BOX);
  const cut = page.view();
  page.tell([10, 10, 100, 172], { at: before });
  page.tell("nowhere", { at: before });
  assert.equal(page.view(), cut);
  assert.deepEqual(page.follower.face, IN_CAMERA);
});

test("the cut stays while the face is in its middle, and goes with it in another size when it leaves", () => {
  const page = Page.cutting();
  const cut = page.view();
  page.tell(page.seen([530, 320, 200, 344]));
  assert.equal(page.view(), cut);
  page.tell(page.seen([580, 300, 200, 344]));
  const moved = page.view();
  assert.deepEqual([moved.name, moved.width, moved.area[0] - cut.area[0]], ["cut", 76, 80]);
  page.tell(page.seen([500, 300, 200, 344]));
  assert.equal(page.view().width, 72);
  page.tell(page.seen([450, 200, 280, 482]));
  assert.ok(page.view().area[2] > 1.3 * cut.area[2]);
});

test("a face that is lost in the cut is looked for in the whole picture", () => {
  const page = Page.cutting();
  page.tell("somewhere");
  assert.equal(page.view().name, "cut");
  page.tell("nowhere");
  assert.equal(page.view().name, "whole");
  assert.equal(page.follower.face, undefined);
});

test("a face that went far away is sent whole again", () => {
  const page = Page.cutting();
  page.tell(page.seen([550, 400, 124, 213]));
  assert.equal(page.view().name, "cut");
  page.tell(page.seen([560, 420, 104, 179]));
  assert.equal(page.view().name, "whole");
});

test("where the server never finds the face in a cut, the next is longer in coming", () => {
  const page = Page.cutting();
  const tellingsUntilCut = (): number => {
    let tellings = 0;
    for (; page.view().name === "whole"; tellings++) page.tell(BOX);
    return tellings;
  };
  const waits = [1, 2, 3].map(() => {
    page.tell("nowhere");
    return tellingsUntilCut();
  });
  assert.deepEqual(waits, [4, 8, 16]);
  page.tell(page.seen(IN_CAMERA));
  page.tell("nowhere");
  assert.equal(tellingsUntilCut(), 2);
});

test("a camera of other sides, and the end of a scan, begin with the whole picture", () => {
  const page = Page.cutting();
  const turned = { width: 960, height: 1_280 };
  assert.deepEqual(page.follower.viewOf(page.now + 1, turned).area, [0, 0, 960, 1_280]);
  const other = Page.cutting();
  const failed: VitalsEvent = { type: "vitals.scan.failed", scan_id: "s", reason: "no_video" };
  other.follower.onEvent(failed);
  assert.equal(other.view().name, "whole");
  assert.equal(other.follower.face, undefined);
});

test("a face at the border, or larger than the picture, is cut within it", () => {
  for (const box of [
    [-20, -30, 100, 172],
    [580, 400, 100, 172],
    [100, -50, 350, 602],
  ] as FaceBox[]) {
    const page = new Page();
    for (let i = 0; i < 2; i++) {
      page.view();
      page.tell(box);
    }
    const { name, area } = page.view();
    const [x, y, width, height] = area;
    assert.ok(name === "cut" && x >= 0 && y >= 0 && x + width <= 1_280 && y + height <= 960, String(area));
    assert.ok(area.every(Number.isInteger));
    page.tell(page.seen([2 * box[0], 2 * box[1], 2 * box[2], 2 * box[3]]));
    assert.deepEqual(page.view().area, area);
  }
});
