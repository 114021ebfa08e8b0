import { useCallback, useEffect, useRef, useState } from "react";
import { type Polled, Poller } from "./poller";

/** What `ask` gave last, asked for as long as the component is there. A new `ask` begins anew. */
export function usePolled<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  everyMs: number,
): Polled<T> & { refresh: () => void } {
  const [polled, setPolled] = useState<Polled<T>>({ value: undefined, at: undefined, failure: undefined });
  const poller = useRef<Poller<T>>(undefined);
  useEffect(() => {
    const started = new Poller({ ask, everyMs, onChange: setPolled });
    poller.current = started;
    started.start();
    return () => started.stop();
  }, [ask, everyMs]);
  const refresh = useCallback(() => poller.current?.refresh(), []);
  return { ...polled, refresh };
}
