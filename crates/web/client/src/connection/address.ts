/** Where and as whom to connect. */
export interface Target {
  /** The service, `wss://host/v1`; `http` and `https` are taken for `ws` and `wss`. */
  url: string;
  /** A consultation protocol or profile of the server; absent = its default. */
  model?: string;
  /** A key, best an ephemeral one (`ek_…`): a browser's key is no secret. */
  key?: string;
}

/** What a connection that was lost goes on from. */
export interface ResumePoint {
  token: string;
  lastEventId?: string;
  /** Has the rest of an answer that was cut off said again. */
  unheard?: "repeat";
}

/** The address of the WebSocket. */
export function realtimeUrl({ url, model }: Target, resume?: ResumePoint): string {
  const address = new URL(url.replace(/^http/, "ws"));
  address.pathname = `${address.pathname.replace(/\/$/, "")}/realtime`;
  if (model !== undefined) address.searchParams.set("model", model);
  if (resume !== undefined) {
    address.searchParams.set("resume", resume.token);
    if (resume.lastEventId !== undefined) address.searchParams.set("last_event_id", resume.lastEventId);
    if (resume.unheard !== undefined) address.searchParams.set("unheard", resume.unheard);
  }
  return address.href;
}

/** The subprotocols to offer. A browser cannot set headers, so the key is among them. */
export function subprotocols({ key }: Target): string[] {
  return key === undefined ? ["realtime"] : ["realtime", `openai-insecure-api-key.${key}`];
}
