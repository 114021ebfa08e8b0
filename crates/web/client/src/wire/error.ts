/** The broad kind of an error. */
export type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "rate_limit_error"
  | "server_error";

/** What exactly went wrong. */
export type ErrorCode =
  | "invalid_json"
  | "event_too_large"
  | "invalid_event_type"
  | "unknown_event_type"
  | "missing_required_parameter"
  | "unknown_parameter"
  | "invalid_type"
  | "invalid_value"
  | "unsupported_parameter"
  | "invalid_media_frame"
  | "video_not_enabled"
  | "input_audio_buffer_commit_empty"
  | "input_audio_buffer_overflow"
  | "item_not_found"
  | "item_already_exists"
  | "item_not_truncatable"
  | "conversation_already_has_active_response"
  | "response_cancel_not_active"
  | "cannot_update_voice"
  | "cannot_update_session_type"
  | "invalid_session_type"
  | "model_not_found"
  | "resume_not_found"
  | "resume_expired"
  | "invalid_api_key"
  | "insufficient_permissions"
  | "rate_limit_exceeded"
  | "server_overloaded"
  | "transcription_failed"
  | "provider_failed"
  | "internal_error";

/** The body of an `error` event. */
export interface ErrorDetail {
  type: ErrorType;
  code: ErrorCode | null;
  /** For a developer to read. */
  message: string;
  /** Path of the offending field. */
  param: string | null;
  /** The `event_id` of the client event at fault. */
  event_id: string | null;
}

/** A fault of the server's side, without a client event to blame. */
export interface Fault {
  type: ErrorType;
  code: ErrorCode;
  message: string;
}
