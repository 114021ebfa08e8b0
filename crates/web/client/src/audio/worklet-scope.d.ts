// What an audio worklet finds in its global scope; the DOM library does not declare it.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
/** Hz. */
declare const sampleRate: number;
/** Start of the quantum being processed, seconds of the context's clock. */
declare const currentTime: number;
