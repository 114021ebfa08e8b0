export type ItemStatus = "in_progress" | "completed" | "incomplete";
export type Role = "system" | "user" | "assistant";

/** One part of a message. Audio is base64, and left out of events but `conversation.item.retrieved`. */
export type ContentPart =
  | { type: "input_text"; text: string }
  | { type: "input_audio"; audio?: string; transcript: string | null }
  | { type: "output_text"; text: string }
  | { type: "output_audio"; audio?: string; transcript: string | null };

export interface MessageBody {
  type: "message";
  role: Role;
  content: ContentPart[];
}

export interface FunctionCallBody {
  type: "function_call";
  call_id: string;
  name: string;
  /** JSON text. */
  arguments: string;
}

export interface FunctionCallOutputBody {
  type: "function_call_output";
  call_id: string;
  output: string;
}

export type ItemBody = MessageBody | FunctionCallBody | FunctionCallOutputBody;

/** One entry of the conversation, as the server holds it. */
export type Item = ItemBody & { object: "realtime.item"; id: string; status: ItemStatus };

/** An entry a client wants in the conversation; without an id, the server names it. */
export type NewItem = ItemBody & { id?: string };
