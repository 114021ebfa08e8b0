// What the Node tests share: the program as a process, and a patient's voice.

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const RATE = 24_000;
const FRAME_MS = 20;
const PATIENCE_MS = 30_000;
const SPEECH = join(tmpdir(), 'bedside-e2e-speech');
const PROGRAM = process.env.E2E_PROGRAM ?? fileURLToPath(new URL('../../../target/debug/bedside', import.meta.url));

/** Starts a server on a free port; gives its address and a way to end it. */
export async function startServer() {
  const child = spawn(PROGRAM, ['serve', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('serving ')) {
      return { url: line.slice('serving '.length), stop: () => child.kill('SIGKILL') };
    }
  }
  throw new Error('the server did not start');
}

/** `text` in the program's own voice: PCM16 at 24 kHz. */
export function say(text) {
  mkdirSync(SPEECH, { recursive: true });
  const path = join(SPEECH, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.wav`);
  if (!existsSync(path)) {
    const draft = path.replace('.wav', `.${process.pid}.wav`);
    execFileSync(PROGRAM, ['speak', text, '--out', draft]);
    renameSync(draft, path);
  }
  const file = readFileSync(path);
  const rate = file.readUInt32LE(24);
  const samples = new Int16Array(file.buffer.slice(file.byteOffset + 44, file.byteOffset + file.length));
  const resampled = new Int16Array(Math.floor((samples.length * RATE) / rate));
  for (let index = 0; index < resampled.length; index += 1) {
    const place = (index * rate) / RATE;
    const whole = Math.min(Math.floor(place), samples.length - 1);
    const next = samples[Math.min(whole + 1, samples.length - 1)];
    resampled[index] = samples[whole] + (next - samples[whole]) * (place - whole);
  }
  return resampled;
}

/** A microphone that is open until closed: speech in real time, silence between. */
export class Microphone {
  #send;
  #queue = new Int16Array(0);
  #due = performance.now();
  #timer;

  constructor(send) {
    this.#send = send;
    this.#tick();
  }

  say(text) {
    this.#queue = say(text);
  }

  close() {
    clearTimeout(this.#timer);
  }

  #tick() {
    const size = (RATE * FRAME_MS) / 1000;
    const frame = new Int16Array(size);
    frame.set(this.#queue.subarray(0, size));
    this.#queue = this.#queue.subarray(size);
    this.#send(frame.buffer);
    this.#due += FRAME_MS;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#due - performance.now()));
  }
}

/** Resolves with the first value that `emitter` emits as `name` and that `wanted` accepts. */
export function once(emitter, name, wanted = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      emitter.off(name, listener);
      reject(new Error(`no ${name} came`));
    }, PATIENCE_MS);
    const listener = (...values) => {
      if (!wanted(...values)) return;
      clearTimeout(timer);
      emitter.off(name, listener);
      resolve(values);
    };
    emitter.on(name, listener);
  });
}
