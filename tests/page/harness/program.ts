import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = process.env.E2E_PROGRAM ?? fileURLToPath(new URL("../../../target/debug/bedside", import.meta.url));

/** What the tests make and need only once. */
export const MADE = join(tmpdir(), "bedside-e2e-page");
mkdirSync(MADE, { recursive: true });

export interface Server {
  /** `127.0.0.1:PORT` */
  readonly authority: string;
  readonly origin: string;
  stop(): void;
}

/** Starts a server on a free port. */
export async function startServer(...options: string[]): Promise<Server> {
  const child = spawn(PROGRAM, ["serve", "--listen", "127.0.0.1:0", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const authority = /^serving ws:\/\/([^/]+)\//.exec(line)?.[1];
    if (authority !== undefined) {
      return { authority, origin: `http://${authority}`, stop: () => child.kill("SIGKILL") };
    }
  }
  throw new Error("the server did not start");
}

/** A WAV file of `text` in the program's own voice. */
export function spoken(text: string): string {
  return made(text, ".wav", (path) => execFileSync(PROGRAM, ["speak", text, "--out", path]));
}

/** What the program's recogniser understands of a WAV file. */
export function transcribed(wav: string): string {
  return execFileSync(PROGRAM, ["transcribe", wav], { encoding: "utf8" }).trim();
}

/** A motion JPEG for a fake camera: a face whose heart beats `bpm` times a minute. */
export function faceClip(bpm: number): string {
  const generator = join(PROGRAM, "../examples/camera_clip");
  return made(`face ${bpm}`, ".mjpeg", (path) => {
    execFileSync(generator, [path, "--bpm", String(bpm), "--seconds", "30"]);
  });
}

/** The file made for `what`; made by `make` unless it is there. */
function made(what: string, ending: string, make: (path: string) => void): string {
  const name = createHash("sha256").update(what).digest("hex").slice(0, 16);
  const path = join(MADE, name + ending);
  if (!existsSync(path)) {
    const draft = join(MADE, `${name}.${process.pid}${ending}`);
    make(draft);
    renameSync(draft, path);
  }
  return path;
}
