/** Name the capture processor is registered under. */
export const CAPTURE_PROCESSOR = "bedside-capture";

/** From the page to the capture processor. */
export interface CaptureCommand {
  muted: boolean;
}
