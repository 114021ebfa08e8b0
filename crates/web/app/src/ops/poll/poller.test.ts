import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure } from "../api/failure";
import { type Polled, Poller } from "./poller";

interface Question {
  signal: AbortSignal;
  answer: (value: number) => void;
  fail: (error: unknown) => void;
}

let hidden = false;
let questions: Question[] = [];
let seen: Polled<number>[] = [];

const poller = () =>
  new Poller<number>({
    ask: (signal) => new Promise((answer, fail) => questions.push({ signal, answer, fail })),
    everyMs: 1000,
    onChange: (polled) => seen.push(polled),
  });

/** The newest question. */
function last(): Question {
  const question = questions.at(-1);
  if (question === undefined) throw new Error("nothing was asked");
  return question;
}

function show(visible: boolean): void {
  hidden = !visible;
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
  hidden = false;
  questions = [];
  seen = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("the next question waits for the answer, however long it takes", async () => {
  const polling = poller();
  polling.start();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(questions).toHaveLength(1);
  last().answer(7);
  await vi.advanceTimersByTimeAsync(999);
  expect(questions).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(questions).toHaveLength(2);
  expect(seen.map(({ value }) => value)).toEqual([7]);
  polling.stop();
});

test("a failure keeps the last answer with its age, and is forgotten after the next", async () => {
  const polling = poller();
  polling.start();
  last().answer(7);
  await vi.advanceTimersByTimeAsync(1000);
  last().fail(new Failure("unreachable"));
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.at(-1)).toMatchObject({ value: 7, at: Date.now() - 1000, failure: { kind: "unreachable" } });
  await vi.advanceTimersByTimeAsync(2000);
  last().answer(8);
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.at(-1)).toMatchObject({ value: 8, failure: undefined });
  polling.stop();
});

test("after failures it asks more slowly, but never gives up", async () => {
  const polling = poller();
  polling.start();
  const pauses: number[] = [];
  for (let count = 0; count < 6; count++) {
    last().fail(new Failure("unreachable"));
    const asked = questions.length;
    let waited = 0;
    await vi.advanceTimersByTimeAsync(0);
    for (; questions.length === asked; waited += 500) await vi.advanceTimersByTimeAsync(500);
    pauses.push(waited);
  }
  expect(pauses).toEqual([2000, 4000, 8000, 10_000, 10_000, 10_000]);
  polling.stop();
});

test("a hidden page asks nothing, what was on its way is dropped, and on return it asks at once", async () => {
  const polling = poller();
  polling.start();
  const first = last();
  show(false);
  expect(first.signal.aborted).toBe(true);
  first.fail(first.signal.reason);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(questions).toHaveLength(1);
  expect(seen).toEqual([]);
  show(true);
  expect(questions).toHaveLength(2);
  polling.stop();
});

test("a refresh drops the answer on its way, which may be older than what was changed", async () => {
  const polling = poller();
  polling.start();
  const first = last();
  polling.refresh();
  expect(first.signal.aborted).toBe(true);
  first.answer(1);
  last().answer(2);
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.map(({ value }) => value)).toEqual([2]);
  polling.stop();
});

test("once stopped it asks nothing more", async () => {
  const polling = poller();
  polling.start();
  const { signal, answer } = last();
  polling.stop();
  expect(signal.aborted).toBe(true);
  answer(1);
  await vi.advanceTimersByTimeAsync(60_000);
  show(true);
  expect(questions).toHaveLength(1);
  expect(seen).toEqual([]);
});
