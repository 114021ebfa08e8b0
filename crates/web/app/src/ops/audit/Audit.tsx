import { useCallback } from "react";
import { useClient } from "../api/client";
import type { AuditEntry } from "../api/types";
import { useFormat } from "../format";
import { FailureBanner } from "../parts/FailureBanner";
import { useMedia } from "../parts/media";
import { PageTitle } from "../parts/PageTitle";
import tables from "../parts/Table.module.css";
import { usePolled } from "../poll/usePolled";
import { hashOf } from "../route";
import { useTexts } from "../texts";
import styles from "./Audit.module.css";

const EVERY_MS = 5_000;

/** Who did or looked at what. */
export function Audit() {
  const client = useClient();
  const texts = useTexts().audit;
  const ask = useCallback((signal: AbortSignal) => client.audit(signal), [client]);
  const { value, failure, at } = usePolled(ask, EVERY_MS);
  const narrow = useMedia("(max-width: 48rem)");
  const List = narrow ? AuditCards : AuditTable;
  return (
    <div className={styles.page}>
      <PageTitle title={texts.title} />
      <p className={styles.note}>{texts.note}</p>
      <FailureBanner failure={failure} at={at} />
      {value?.length === 0 && <p className={styles.note}>{texts.none}</p>}
      {value !== undefined && value.length > 0 && <List entries={value} />}
    </div>
  );
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const texts = useTexts().audit;
  const format = useFormat();
  return (
    <div className={styles.frame}>
      <table className={tables.table} aria-label={texts.title}>
        <thead>
          <tr>
            <th scope="col">{texts.time}</th>
            <th scope="col">{texts.action}</th>
            <th scope="col">{texts.session}</th>
            <th scope="col">{texts.actor}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={keyOf(entry)}>
              <td>{format.moment(entry.at_ms)}</td>
              <td>{texts.actions[entry.action] ?? entry.action}</td>
              <td>
                <SessionLink session={entry.session} />
              </td>
              <td className={styles.id}>{entry.actor}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AuditCards({ entries }: { entries: readonly AuditEntry[] }) {
  const texts = useTexts().audit;
  const format = useFormat();
  return (
    <ul className={styles.cards} aria-label={texts.title}>
      {entries.map((entry) => (
        <li key={keyOf(entry)}>
          <p className={styles.action}>{texts.actions[entry.action] ?? entry.action}</p>
          <SessionLink session={entry.session} />
          <p className={styles.note}>
            {format.moment(entry.at_ms)} · <span className={styles.id}>{entry.actor}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function SessionLink({ session }: { session: string | null }) {
  if (session === null) return null;
  return (
    <a className={styles.id} href={hashOf({ page: "session", id: session })}>
      {session}
    </a>
  );
}

function keyOf({ at_ms, actor, action, session }: AuditEntry): string {
  return `${at_ms} ${actor} ${action} ${session}`;
}
