import capture from "@bedside/client/capture-worklet?worker&url";
import playback from "@bedside/client/playback-worklet?worker&url";

/** Addresses of what runs on the audio thread. */
export const WORKLETS = { capture, playback };
