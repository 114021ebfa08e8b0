import type { ServerEvent } from "@bedside/client";

/** Who has the word, as the parts of it are told. */
export interface Activity {
  /** The patient can be heard. */
  hearing: boolean;
  /** An answer is awaited or being made. */
  answering: boolean;
  /** The assistant can be heard. */
  speaking: boolean;
}

export const QUIET: Activity = { hearing: false, answering: false, speaking: false };

/** What a patient is shown of it. */
export type Doing = "listening" | "hearing" | "thinking" | "speaking";

export function doing({ hearing, answering, speaking }: Activity): Doing {
  if (hearing) return "hearing";
  if (speaking) return "speaking";
  return answering ? "thinking" : "listening";
}

/** What an event of the server changes; what is heard is told by playback. */
export function reduceActivity(activity: Activity, event: ServerEvent): Activity {
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return { ...activity, hearing: true };
    case "input_audio_buffer.speech_stopped":
      return { ...activity, hearing: false, answering: true };
    case "conversation.item.input_audio_transcription.completed":
      // Nobody answers a sound without words.
      return event.transcript.trim() === "" ? { ...activity, answering: false } : activity;
    case "conversation.item.input_audio_transcription.failed":
      return { ...activity, answering: false };
    case "response.created":
      return { ...activity, answering: true };
    case "response.done":
      return { ...activity, answering: false };
    default:
      return activity;
  }
}
