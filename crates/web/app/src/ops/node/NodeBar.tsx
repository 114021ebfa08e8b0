import { useState } from "react";
import { useClient } from "../api/client";
import type { NodeView } from "../api/types";
import { State } from "../parts/State";
import { useAction } from "../parts/useAction";
import { useTexts } from "../texts";
import { Button } from "../ui/Button";
import { DrainDialog } from "./DrainDialog";
import styles from "./NodeBar.module.css";

interface NodeBarProps {
  node: NodeView;
  onChanged: () => void;
}

/** Whether the node lets patients in, and what can be done about it. */
export function NodeBar({ node, onChanged }: NodeBarProps) {
  const texts = useTexts().node;
  const client = useClient();
  const [draining, setDraining] = useState(false);
  const admission = useAction(async () => {
    await client.setAccepting(!node.accepting);
    onChanged();
  });
  const open = node.accepting && !node.draining;
  return (
    <section className={styles.bar} aria-label={texts.label} data-open={open}>
      <div className={styles.state}>
        <p className={styles.word} role="status">
          <State tone={node.draining ? "bad" : node.accepting ? "good" : "warn"}>
            {node.draining ? texts.draining : node.accepting ? texts.accepting : texts.closed}
          </State>
        </p>
        <p className={styles.ready}>{open ? texts.ready : texts.notReady}</p>
      </div>
      <div className={styles.actions}>
        {admission.failure}
        <Button
          icon={node.accepting ? "pause" : "play"}
          disabled={admission.busy || node.draining}
          onClick={() => void admission.run()}
        >
          {node.accepting ? texts.stop : texts.resume}
        </Button>
        <Button kind="danger" icon="drain" disabled={node.draining} onClick={() => setDraining(true)}>
          {texts.drain}
        </Button>
      </div>
      {draining && <DrainDialog live={node.sessions.live} onClose={() => setDraining(false)} onDrained={onChanged} />}
    </section>
  );
}
