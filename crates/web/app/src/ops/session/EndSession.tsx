import { useState } from "react";
import { useClient } from "../api/client";
import { useAction } from "../parts/useAction";
import { useTexts } from "../texts";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import styles from "./EndSession.module.css";

/** Ends a session, after asking. */
export function EndSession({ id, onEnded }: { id: string; onEnded: () => void }) {
  const texts = useTexts().session;
  const client = useClient();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const end = useAction(async () => {
    await client.end(id);
    close();
    onEnded();
  });
  return (
    <div className={styles.place}>
      <Button kind="danger" icon="stop" onClick={() => setAsking(true)}>
        {texts.end}
      </Button>
      {asking && (
        <Dialog
          title={texts.endTitle}
          onClose={close}
          actions={
            <>
              <Button onClick={close}>{texts.cancel}</Button>
              <Button kind="danger" icon="stop" disabled={end.busy} onClick={() => void end.run()}>
                {texts.endNow}
              </Button>
            </>
          }
        >
          <p>{texts.endWhy}</p>
          {end.failure}
        </Dialog>
      )}
    </div>
  );
}
