import type { Item, ServerEvent } from "@bedside/client";

/** One entry of a conversation as an operator reads it. */
export interface Entry {
  id: string;
  who: "patient" | "assistant" | "system" | "call" | "result";
  text: string;
  /** `partial` may still change; `cut` was interrupted, and may not have been heard to its end; `failed` was not understood. */
  state: "partial" | "final" | "cut" | "failed";
}

export interface Transcript {
  entries: readonly Entry[];
  /** The patient speaks now. */
  speaking: boolean;
}

export const NOTHING_SAID: Transcript = { entries: [], speaking: false };

/** A conversation of that many entries is followed to its end; of a longer one the oldest are forgotten. */
const MOST_ENTRIES = 2_000;

/** The conversation as it was when watching began. */
export function begun(items: readonly Item[]): Transcript {
  return { entries: items.map(entryOf), speaking: false };
}

/** The transcript after an event. The same object if the event is about something else. */
export function reduceTranscript(transcript: Transcript, event: ServerEvent): Transcript {
  const { entries } = transcript;
  const change = (id: string, to: (entry: Entry) => Partial<Entry>): Transcript => ({
    ...transcript,
    entries: entries.map((entry) => (entry.id === id ? { ...entry, ...to(entry) } : entry)),
  });
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return { ...transcript, speaking: true };
    case "input_audio_buffer.speech_stopped":
    case "input_audio_buffer.cleared":
      return { ...transcript, speaking: false };
    case "conversation.item.added":
      return { ...transcript, entries: placed(entries, entryOf(event.item), event.previous_item_id) };
    case "conversation.item.done":
    case "conversation.item.retrieved":
      return change(event.item.id, (entry) => settled(entry, entryOf(event.item)));
    case "conversation.item.deleted":
      return { ...transcript, entries: entries.filter(({ id }) => id !== event.item_id) };
    case "conversation.item.truncated":
      return change(event.item_id, () => ({ state: "cut" }));
    case "conversation.item.input_audio_transcription.delta": {
      const known = placed(entries, { id: event.item_id, who: "patient", text: "", state: "partial" }, null);
      const said = known.map((entry) =>
        entry.id === event.item_id ? { ...entry, text: entry.text + event.delta } : entry,
      );
      return { ...transcript, entries: said };
    }
    case "conversation.item.input_audio_transcription.completed":
      return change(event.item_id, () => ({ text: event.transcript, state: "final" }));
    case "conversation.item.input_audio_transcription.failed":
      return change(event.item_id, () => ({ state: "failed" }));
    case "response.output_audio_transcript.delta":
    case "response.output_text.delta":
      return change(event.item_id, ({ text }) => ({ text: text + event.delta }));
    case "response.output_audio_transcript.done":
      return change(event.item_id, () => ({ text: event.transcript }));
    case "response.output_text.done":
      return change(event.item_id, () => ({ text: event.text }));
    default:
      return transcript;
  }
}

/** What a finished item says of itself, without losing what was already known better. */
function settled(entry: Entry, item: Entry): Partial<Entry> {
  // The words of speech come by their own events, often after the item is done.
  if (entry.who === "patient" && item.text === "") return {};
  return { text: item.text || entry.text, state: entry.state === "cut" ? "cut" : item.state };
}

function placed(entries: readonly Entry[], entry: Entry, after: string | null): readonly Entry[] {
  if (entries.some(({ id }) => id === entry.id)) return entries;
  const before = entries.findIndex(({ id }) => id === after);
  const all = before < 0 ? [...entries, entry] : entries.toSpliced(before + 1, 0, entry);
  return all.slice(-MOST_ENTRIES);
}

function entryOf(item: Item): Entry {
  switch (item.type) {
    case "function_call":
      return { id: item.id, who: "call", text: `${item.name}(${item.arguments})`, state: "final" };
    case "function_call_output":
      return { id: item.id, who: "result", text: item.output, state: "final" };
    default:
      return messageEntry(item);
  }
}

function messageEntry(item: Extract<Item, { type: "message" }>): Entry {
  const parts = Array.isArray(item.content) ? item.content : [];
  const text = parts.map((part) => ("text" in part ? part.text : (part.transcript ?? ""))).join(" ");
  const who = item.role === "user" ? "patient" : item.role === "assistant" ? "assistant" : "system";
  const unheard = who === "patient" && text === "";
  return { id: item.id, who, text, state: unheard ? "partial" : stateOf(item.status) };
}

function stateOf(status: Item["status"]): Entry["state"] {
  if (status === "in_progress") return "partial";
  return status === "incomplete" ? "cut" : "final";
}
