import { useState } from "react";
import { useClient } from "../api/client";
import { useFormat } from "../format";
import { useAction } from "../parts/useAction";
import { useTexts } from "../texts";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import styles from "./DrainDialog.module.css";

const DEADLINES_MIN = [1, 2, 5, 10, 15, 30] as const;

interface DrainDialogProps {
  /** Sessions that would be given notice. */
  live: number;
  onClose: () => void;
  onDrained: () => void;
}

/** Says what draining means, and asks until when. */
export function DrainDialog({ live, onClose, onDrained }: DrainDialogProps) {
  const all = useTexts();
  const texts = all.node;
  const format = useFormat();
  const client = useClient();
  const [minutes, setMinutes] = useState(5);
  const drain = useAction(async () => {
    await client.drain(minutes * 60);
    onDrained();
    onClose();
  });
  return (
    <Dialog
      title={texts.drainTitle}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button kind="danger" icon="drain" disabled={drain.busy} onClick={() => void drain.run()}>
            {texts.drainNow}
          </Button>
        </>
      }
    >
      <p>{texts.drainWhy}</p>
      <p>{texts.drainLive(format.count(live))}</p>
      <label className={styles.deadline}>
        <span>{texts.deadline}</span>
        <select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
          {DEADLINES_MIN.map((choice) => (
            <option key={choice} value={choice}>
              {all.minutes(choice)}
            </option>
          ))}
        </select>
      </label>
      {drain.failure}
    </Dialog>
  );
}
