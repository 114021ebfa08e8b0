import { fileURLToPath } from "node:url";

/** A person reading; `make` fetches it (requirements.txt). */
export const RECORDING = {
  path: fileURLToPath(new URL("../.recordings/moonshine_voice/assets/beckett.wav", import.meta.url)),
  words: "Ever tried? Ever failed? No matter. Try again. Fail again. Fail better.",
};
