import assert from "node:assert/strict";
import { test } from "node:test";
import { heardMs } from "../src/playback/heard.js";
import { type Part, PlaybackQueue, type Played } from "../src/playback/queue.js";

const QUANTUM = 128;
const A: Part = { itemId: "a", contentIndex: 0 };
const B: Part = { itemId: "b", contentIndex: 0 };

/** At 1 kHz a sample is a millisecond: parts begin with 60 samples, and 1000 are the most that wait. */
function queue() {
  const queue = new PlaybackQueue(1_000, { startMs: 60, mostMs: 1_000 });
  const finished: Played[] = [];
  const render = (length = QUANTUM) => {
    const out = new Float32Array(length).fill(9);
    queue.render(out, (played) => finished.push(played));
    return out;
  };
  return { queue, finished, render };
}

const ramp = (from: number, length: number) => Float32Array.from({ length }, (_, at) => from + at);
const heard = (out: Float32Array) => [...out].filter((sample) => sample !== 0);

test("an empty queue is silent", () => {
  const { queue: empty, render } = queue();
  assert.deepEqual([...render(4)], [0, 0, 0, 0]);
  assert.equal(empty.current, undefined);
});

test("pieces play in order and without gaps", () => {
  const { queue: q, render } = queue();
  q.enqueue(A, ramp(1, 70));
  q.enqueue(A, ramp(71, 130));
  assert.deepEqual([...render(), ...render(72)], [...ramp(1, 200)]);
  assert.deepEqual(q.current, { ...A, samples: 200, whole: false });
});

test("a part waits until enough of it is there", () => {
  const { queue: q, render } = queue();
  q.enqueue(A, ramp(1, 59));
  assert.deepEqual(heard(render()), []);
  q.enqueue(A, ramp(60, 1));
  assert.equal(heard(render(60)).length, 60);
});

test("a short part plays once it is known to be whole", () => {
  const { queue: q, render, finished } = queue();
  q.enqueue(A, ramp(1, 10));
  q.end(A);
  assert.equal(heard(render()).length, 10);
  assert.deepEqual(finished, [{ ...A, samples: 10, whole: true }]);
  assert.equal(q.current, undefined);
});

test("one that runs dry gathers anew and counts it", () => {
  const { queue: q, render } = queue();
  q.enqueue(A, ramp(1, 100));
  assert.equal(heard(render()).length, 100);
  assert.equal(q.underruns, 1);
  q.enqueue(A, ramp(101, 30));
  assert.deepEqual(heard(render()), []);
  q.enqueue(A, ramp(131, 30));
  assert.deepEqual(heard(render(60)), [...ramp(101, 60)]);
  assert.equal(q.underruns, 1);
});

test("the next part follows within the quantum, with a position of its own", () => {
  const { queue: q, render, finished } = queue();
  q.enqueue(A, ramp(1, 100));
  q.enqueue(B, ramp(501, 100));
  const out = render();
  assert.deepEqual([...out], [...ramp(1, 100), ...ramp(501, 28)]);
  assert.deepEqual(finished, [{ ...A, samples: 100, whole: true }]);
  assert.deepEqual(q.current, { ...B, samples: 28, whole: false });
});

test("a cut is silent after one quantum, and tells what was played", () => {
  const { queue: q, render } = queue();
  q.enqueue(A, new Float32Array(300).fill(1));
  q.enqueue(B, new Float32Array(100).fill(1));
  render();
  assert.deepEqual(q.clear(), [
    { ...A, samples: QUANTUM, whole: false },
    { ...B, samples: 0, whole: false },
  ]);
  const fading = render();
  for (let at = 1; at < QUANTUM; at++) assert.ok((fading[at] ?? 1) < (fading[at - 1] ?? 0));
  assert.equal(fading[QUANTUM - 1], 0);
  assert.deepEqual(heard(render()), []);
  assert.equal(q.waiting, 0);
  assert.deepEqual(q.clear(), []);
});

test("a cut before anything played makes no sound", () => {
  const { queue: q, render } = queue();
  q.enqueue(A, ramp(1, 30));
  assert.deepEqual(q.clear(), [{ ...A, samples: 0, whole: false }]);
  assert.deepEqual(heard(render()), []);
});

test("what comes right after a cut is not lost with what was cut", () => {
  const { queue: q, render } = queue();
  q.enqueue(A, ramp(1, 300));
  render();
  q.clear();
  q.enqueue(B, ramp(501, 100));
  assert.deepEqual(heard(render(100)), [...ramp(501, 100)]);
});

test("what does not fit is refused and leaves the rest alone", () => {
  const { queue: q } = queue();
  assert.equal(q.enqueue(A, ramp(1, 900)), true);
  assert.equal(q.enqueue(A, ramp(1, 101)), false);
  assert.equal(q.enqueue(A, ramp(1, 100)), true);
  assert.equal(q.waiting, 1_000);
});

test("what is on its way to the ear was not heard", () => {
  assert.equal(heardMs(24_000, 24_000, 0), 1_000);
  assert.equal(heardMs(24_000, 24_000, 0.0305), 969);
  assert.equal(heardMs(100, 24_000, 0.05), 0);
});
