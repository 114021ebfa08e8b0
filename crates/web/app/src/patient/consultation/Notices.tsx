import { useState } from "react";
import type { Consultation } from "../session/consultation";
import type { Device, Status } from "../session/status";
import { useStore } from "../session/store";
import { type Texts, useTexts } from "../texts";
import buttons from "../ui/button.module.css";
import { Notice } from "../ui/Notice";
import styles from "./Notices.module.css";

/** What the patient has to know now, the most urgent first. */
export function Notices({ consultation }: { consultation: Consultation }) {
  const { talk } = useTexts();
  const status = useStore(consultation.status);
  const escalation = status.escalations.at(-1);
  const hint = deviceHint(talk, status);
  return (
    <div className={styles.notices}>
      {escalation !== undefined && <EscalationAlert key={escalation} reason={escalation} />}
      {status.reconnecting && (
        <Notice tone="warn" icon="alert" role="alert">
          <p>
            <strong>{talk.reconnecting}</strong> {talk.reconnectingHint}
          </p>
        </Notice>
      )}
      {status.failed && (
        <Notice tone="warn" icon="alert" role="alert">
          <p>{talk.failed}</p>
        </Notice>
      )}
      {hint !== undefined && (
        <Notice tone="plain" icon="keyboard" role="status">
          <p>{hint}</p>
        </Notice>
      )}
    </div>
  );
}

function EscalationAlert({ reason }: { reason: string }) {
  const { talk } = useTexts();
  const [read, setRead] = useState(false);
  return (
    <Notice tone="bad" icon="alert" role="alert">
      <div className={styles.escalation}>
        <div>
          <h2>{talk.escalation}</h2>
          <p>{talk.escalationDo}</p>
          {!read && <p className={styles.heard}>{talk.escalationHeard(reason)}</p>}
        </div>
        {!read && (
          <button type="button" className={buttons.secondary} onClick={() => setRead(true)}>
            {talk.escalationRead}
          </button>
        )}
      </div>
    </Notice>
  );
}

function deviceHint(talk: Texts["talk"], { microphone, audible }: Status): string | undefined {
  if (!audible) return talk.silent;
  const hints: Partial<Record<Device, string>> = {
    refused: talk.microphoneRefused,
    missing: talk.microphoneMissing,
    failed: talk.microphoneFailed,
  };
  return hints[microphone];
}
