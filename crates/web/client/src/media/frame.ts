import { PCM_RATES } from "../wire/audio.js";

/** Size of the header before every payload. */
export const HEADER_BYTES = 16;
export const MAX_AUDIO_PAYLOAD = 64 * 1024;
export const MAX_VIDEO_PAYLOAD = 2 * 1024 * 1024;
export const MAX_VIDEO_WIDTH = 1_920;
export const MAX_VIDEO_HEIGHT = 1_080;

/** Shortest and longest audio of a frame, ms. */
const MIN_AUDIO_MS = 10;
const MAX_AUDIO_MS = 120;

/** Unit of the sample rate in the header, Hz; rounded down, so that 220 stands for 22 050 Hz. */
const RATE_UNIT = 100;

const KINDS = ["audio", "video"] as const;
const AUDIO_CODECS = ["pcm16", "pcmu", "pcma", "opus"] as const;
const VIDEO_FORMATS = ["rgb24", "rgba32", "i420", "jpeg"] as const;

export type AudioCodec = (typeof AUDIO_CODECS)[number];
export type VideoFormat = (typeof VIDEO_FORMATS)[number];

interface Stamp {
  /** Rises by one from frame to frame of a kind, and wraps at 65 536; a gap is a loss. */
  sequence: number;
  /** Capture time (to the server) or presentation time (from it), whole microseconds of the sender's monotonic clock. */
  timeUs: number;
}

export interface AudioHeader extends Stamp {
  kind: "audio";
  codec: AudioCodec;
  /** Hz. */
  sampleRate: number;
}

export interface VideoHeader extends Stamp {
  kind: "video";
  format: VideoFormat;
  /** Pixels. */
  width: number;
  height: number;
}

export type FrameHeader = AudioHeader | VideoHeader;

/** One media frame; its payload is a view of the message it came in. */
export interface MediaFrame {
  header: FrameHeader;
  payload: Uint8Array;
}

/** A frame that breaks the rules of media frames. */
export class InvalidFrame extends Error {
  override readonly name = "InvalidFrame";
}

/**
 * The message of a frame; the payload is copied once, behind the header.
 * @throws InvalidFrame where the server would refuse it.
 */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): ArrayBuffer {
  check(header, payload.byteLength);
  const message = new ArrayBuffer(HEADER_BYTES + payload.byteLength);
  const view = new DataView(message);
  const audio = header.kind === "audio";
  view.setUint8(0, KINDS.indexOf(header.kind) + 1);
  view.setUint8(1, (audio ? AUDIO_CODECS.indexOf(header.codec) : VIDEO_FORMATS.indexOf(header.format)) + 1);
  view.setUint16(2, header.sequence, true);
  view.setUint32(4, header.timeUs % 2 ** 32, true);
  view.setUint32(8, Math.floor(header.timeUs / 2 ** 32), true);
  view.setUint16(12, audio ? Math.floor(header.sampleRate / RATE_UNIT) : header.width, true);
  view.setUint16(14, audio ? 1 : header.height, true);
  new Uint8Array(message, HEADER_BYTES).set(payload);
  return message;
}

/**
 * Reads and checks a binary message.
 * @throws InvalidFrame if it is no media frame.
 */
export function decodeFrame(message: ArrayBuffer): MediaFrame {
  if (message.byteLength < HEADER_BYTES) {
    throw new InvalidFrame(`a media frame begins with ${HEADER_BYTES} bytes, got ${message.byteLength}`);
  }
  const view = new DataView(message);
  const stamp: Stamp = {
    sequence: view.getUint16(2, true),
    timeUs: view.getUint32(8, true) * 2 ** 32 + view.getUint32(4, true),
  };
  const [first, second] = [view.getUint16(12, true), view.getUint16(14, true)];
  const header = readMedia(view.getUint8(0), view.getUint8(1), first, second, stamp);
  const payload = new Uint8Array(message, HEADER_BYTES);
  check(header, payload.byteLength);
  return { header, payload };
}

function readMedia(kind: number, format: number, first: number, second: number, stamp: Stamp): FrameHeader {
  switch (KINDS[kind - 1]) {
    case "audio": {
      if (second !== 1) throw new InvalidFrame(`audio has one channel, got ${second}`);
      const codec = known(AUDIO_CODECS[format - 1], format);
      const sampleRate = PCM_RATES.find((rate) => Math.floor(rate / RATE_UNIT) === first) ?? first * RATE_UNIT;
      return { kind: "audio", codec, sampleRate, ...stamp };
    }
    case "video":
      return {
        kind: "video",
        format: known(VIDEO_FORMATS[format - 1], format),
        width: first,
        height: second,
        ...stamp,
      };
    default:
      throw new InvalidFrame(`unknown kind of media ${kind}`);
  }
}

function known<T>(value: T | undefined, format: number): T {
  if (value === undefined) throw new InvalidFrame(`unknown format ${format} of this kind of media`);
  return value;
}

function check(header: FrameHeader, bytes: number): void {
  const { sequence, timeUs } = header;
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > 0xffff) {
    throw new InvalidFrame(`${sequence} is no sequence number`);
  }
  if (!Number.isSafeInteger(timeUs) || timeUs < 0) throw new InvalidFrame(`${timeUs} is no time in microseconds`);
  if (bytes === 0) throw new InvalidFrame("the payload is empty");
  if (header.kind === "audio") checkAudio(header, bytes);
  else checkVideo(header, bytes);
}

function checkAudio({ codec, sampleRate }: AudioHeader, bytes: number): void {
  if (bytes > MAX_AUDIO_PAYLOAD) throw new InvalidFrame(`an audio payload of ${bytes} bytes is too large`);
  const rates: readonly number[] = codec === "pcm16" ? PCM_RATES : codec === "opus" ? [48_000] : [8_000];
  if (!rates.includes(sampleRate)) throw new InvalidFrame(`${sampleRate} Hz is no sample rate of ${codec}`);
  // How long an Opus packet lasts is the decoder's to say.
  if (codec === "opus") return;
  const samples = codec === "pcm16" ? bytes / 2 : bytes;
  if (!Number.isInteger(samples)) throw new InvalidFrame(`${bytes} bytes are no whole samples`);
  const ms = (samples / sampleRate) * 1_000;
  if (ms < MIN_AUDIO_MS || ms > MAX_AUDIO_MS) {
    throw new InvalidFrame(`an audio frame holds ${MIN_AUDIO_MS} to ${MAX_AUDIO_MS} ms, got ${ms}`);
  }
}

function checkVideo({ format, width, height }: VideoHeader, bytes: number): void {
  const side = (pixels: number, most: number) => Number.isInteger(pixels) && pixels >= 1 && pixels <= most;
  const odd = width % 2 !== 0 || height % 2 !== 0;
  if (!side(width, MAX_VIDEO_WIDTH) || !side(height, MAX_VIDEO_HEIGHT) || (format === "i420" && odd)) {
    throw new InvalidFrame(`${width}x${height} is not a size of ${format}`);
  }
  if (bytes > MAX_VIDEO_PAYLOAD) throw new InvalidFrame(`a video payload of ${bytes} bytes is too large`);
  const expected = { rgb24: 3, rgba32: 4, i420: 1.5, jpeg: undefined }[format];
  if (expected !== undefined && expected * width * height !== bytes) {
    throw new InvalidFrame(`the header asks for ${expected * width * height} bytes, got ${bytes}`);
  }
}
