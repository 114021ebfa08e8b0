import type { Item } from "../wire/item.js";
import type { ServerEvent } from "../wire/server-event.js";

/** What one side says, as far as it is known. */
export interface Caption {
  itemId: string;
  speaker: "patient" | "assistant";
  /** Of the patient what was recognised, of the assistant what was heard. */
  text: string;
  /** When it began, as the caller tells time. */
  at: number;
  typed: boolean;
  /** `partial` may still change; `interrupted` is an answer cut off; `failed` are words that were not understood. */
  state: "partial" | "final" | "interrupted" | "failed";
}

/** In the order of speaking. Never changed in place. */
export type Captions = readonly Caption[];

/**
 * The captions after an event. Of a spoken answer an event gives the text before it is heard: that text is left to
 * {@link captionHeard}, and here only answers in writing are taken.
 */
export function reduceCaptions(captions: Captions, event: ServerEvent, at: number): Captions {
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return begin(captions, { itemId: event.item_id, speaker: "patient", at });
    case "conversation.item.input_audio_transcription.delta":
      return change(begin(captions, { itemId: event.item_id, speaker: "patient", at }), event.item_id, (caption) => ({
        text: caption.text + event.delta,
      }));
    case "conversation.item.input_audio_transcription.completed":
      if (event.transcript.trim() === "") return without(captions, event.item_id);
      return change(begin(captions, { itemId: event.item_id, speaker: "patient", at }), event.item_id, () => ({
        text: event.transcript,
        state: "final",
      }));
    case "conversation.item.input_audio_transcription.failed":
      return change(captions, event.item_id, () => ({ state: "failed" }));
    case "conversation.item.added":
      return added(captions, event.item, at);
    case "response.output_text.delta":
      return change(captions, event.item_id, ({ text }) => ({ text: text + event.delta }));
    case "response.output_text.done":
      return change(captions, event.item_id, () => ({ text: event.text, state: "final" }));
    case "response.done":
      return event.response.status === "cancelled" ? cutOff(captions, event.response.output) : captions;
    case "conversation.item.done":
      // Cut off, although what had been sent of it was heard to its end.
      if (!isCutOff(event.item)) return captions;
      return change(captions, event.item.id, () => ({ state: "interrupted" }));
    case "conversation.item.truncated":
      return change(captions, event.item_id, () => ({ state: "interrupted" }));
    case "conversation.item.retrieved":
      return retrieved(captions, event.item);
    case "conversation.item.deleted":
      return without(captions, event.item_id);
    default:
      return captions;
  }
}

/** The captions when so much of a spoken answer was heard, and whether that is all of it. */
export function captionHeard(captions: Captions, itemId: string, text: string, whole: boolean): Captions {
  return change(captions, itemId, ({ state }) => {
    // What the server says of an answer that was cut is to the word.
    if (state === "interrupted") return {};
    return { text, state: whole ? "final" : "partial" };
  });
}

function added(captions: Captions, item: Item, at: number): Captions {
  if (item.type !== "message" || item.role === "system") return captions;
  if (item.role === "assistant") return begin(captions, { itemId: item.id, speaker: "assistant", at });
  const typed = item.content.some(({ type }) => type === "input_text");
  if (!typed) return begin(captions, { itemId: item.id, speaker: "patient", at });
  const written = begin(captions, { itemId: item.id, speaker: "patient", at });
  return change(written, item.id, () => ({ text: textOf(item), typed, state: "final" }));
}

/** Answers that were being heard go no further. */
function cutOff(captions: Captions, items: readonly Item[]): Captions {
  return items.reduce(
    (all, { id }) => change(all, id, ({ state }) => ({ state: state === "partial" ? "interrupted" : state })),
    captions,
  );
}

function retrieved(captions: Captions, item: Item): Captions {
  if (item.type !== "message" || item.role !== "assistant") return captions;
  const text = textOf(item).trim();
  return text === "" ? without(captions, item.id) : change(captions, item.id, () => ({ text }));
}

function isCutOff(item: Item): boolean {
  return item.type === "message" && item.role === "assistant" && item.status === "incomplete";
}

function textOf(item: Extract<Item, { type: "message" }>): string {
  return item.content.map((part) => ("text" in part ? part.text : (part.transcript ?? ""))).join(" ");
}

function begin(captions: Captions, caption: Pick<Caption, "itemId" | "speaker" | "at">): Captions {
  if (captions.some(({ itemId }) => itemId === caption.itemId)) return captions;
  return [...captions, { ...caption, text: "", typed: false, state: "partial" }];
}

/** Captions that do not change stay the same object, so that what shows them can tell. */
function change(captions: Captions, itemId: string, to: (caption: Caption) => Partial<Caption>): Captions {
  const caption = captions.find((caption) => caption.itemId === itemId);
  if (caption === undefined) return captions;
  const changed = { ...caption, ...to(caption) };
  const keys = Object.keys(changed) as (keyof Caption)[];
  if (keys.every((key) => changed[key] === caption[key])) return captions;
  return captions.map((other) => (other === caption ? changed : other));
}

function without(captions: Captions, itemId: string): Captions {
  return captions.filter((caption) => caption.itemId !== itemId);
}
