import { readFileSync, writeFileSync } from "node:fs";

export interface Sound {
  /** Hz */
  readonly rate: number;
  /** One channel. */
  readonly samples: Int16Array;
}

const HEADER_BYTES = 44;

/** Reads a WAV file of one channel of PCM16. */
export function readWav(path: string): Sound {
  const file = readFileSync(path);
  const channels = file.readUInt16LE(22);
  const bits = file.readUInt16LE(34);
  if (channels !== 1 || bits !== 16) throw new Error(`${path}: ${channels} channels of ${bits} bits`);
  const data = file.indexOf("data", 12, "latin1");
  const begin = data + 8;
  const end = Math.min(begin + file.readUInt32LE(data + 4), file.length);
  return {
    rate: file.readUInt32LE(24),
    samples: new Int16Array(file.buffer.slice(file.byteOffset + begin, file.byteOffset + end)),
  };
}

export function writeWav(path: string, { rate, samples }: Sound): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const bytes = samples.length * 2;
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(HEADER_BYTES - 8 + bytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(bytes, 40);
  writeFileSync(path, Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, bytes)]));
}

/** `sound` after and before so many seconds of silence. */
export function padded({ rate, samples }: Sound, beforeS: number, afterS: number): Sound {
  const before = Math.round(beforeS * rate);
  const all = new Int16Array(before + samples.length + Math.round(afterS * rate));
  all.set(samples, before);
  return { rate, samples: all };
}
