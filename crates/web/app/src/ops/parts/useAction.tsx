import { type ReactNode, useState } from "react";
import { Failure } from "../api/failure";
import { useTexts } from "../texts";
import styles from "./useAction.module.css";

/** Something that is asked of the server once at a time. `failure` says beside the button why it did not come about. */
export function useAction(act: () => Promise<void>): { run: () => Promise<void>; busy: boolean; failure: ReactNode } {
  const texts = useTexts();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failure>();
  const run = async () => {
    if (busy) return;
    setBusy(true);
    setFailed(undefined);
    try {
      await act();
    } catch (error) {
      setFailed(error instanceof Failure ? error : new Failure("unreadable"));
    } finally {
      setBusy(false);
    }
  };
  const failure = (
    <p role="alert" className={styles.failure}>
      {failed !== undefined && `${texts.failures[failed.kind]} ${failed.message}`}
    </p>
  );
  return { run, busy, failure };
}
