import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../api/client";
import { Failure } from "../api/failure";
import { type Observation, Observer } from "./observation";

export interface Watching {
  /** `opening` and `live` are recorded by the server. */
  phase: "off" | "opening" | "live" | "ended" | "lost";
  seen: Observation;
  failure: Failure | undefined;
  start: () => void;
  stop: () => void;
}

/** Events come in bursts: a page that shows each of them on its own falls behind, ms. */
const SHOWN_EVERY_MS = 100;

const UNSEEN = new Observer().seen;

/** Watches a session from `start` on; never by itself, and never again after a loss, for every time is recorded. */
export function useWatch(session: string): Watching {
  const client = useClient();
  const [phase, setPhase] = useState<Watching["phase"]>("off");
  const [seen, setSeen] = useState(UNSEEN);
  const [failure, setFailure] = useState<Failure>();
  const watching = useRef<AbortController>(undefined);

  const stop = useCallback(() => {
    watching.current?.abort();
    setPhase("off");
    setSeen(UNSEEN);
  }, []);

  const start = useCallback(async () => {
    watching.current?.abort();
    const aborter = new AbortController();
    watching.current = aborter;
    const observer = new Observer();
    const shown = setInterval(() => setSeen(observer.seen), SHOWN_EVERY_MS);
    setPhase("opening");
    setFailure(undefined);
    setSeen(observer.seen);
    try {
      for await (const event of client.watch(session, aborter.signal)) {
        if (aborter.signal.aborted) return;
        observer.take(event);
        setPhase("live");
      }
      if (aborter.signal.aborted) return;
      setPhase(observer.seen.ended === undefined ? "lost" : "ended");
    } catch (error) {
      if (aborter.signal.aborted) return;
      setPhase("lost");
      setFailure(error instanceof Failure ? error : new Failure("unreadable"));
    } finally {
      clearInterval(shown);
      if (!aborter.signal.aborted) setSeen(observer.seen);
    }
  }, [client, session]);

  useEffect(() => () => watching.current?.abort(), []);
  return { phase, seen, failure, start: () => void start(), stop };
}
