import { useCallback } from "react";
import { useClient } from "../api/client";
import { useFormat } from "../format";
import { FailureBanner } from "../parts/FailureBanner";
import { PageTitle } from "../parts/PageTitle";
import { Panel } from "../parts/Panel";
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
  const format = useFormat();
  const ask = useCallback((signal: AbortSignal) => client.audit(signal), [client]);
  const { value, failure, at } = usePolled(ask, EVERY_MS);
  return (
    <div className={styles.page}>
      <PageTitle title={texts.title} />
      <p className={styles.note}>{texts.note}</p>
      <FailureBanner failure={failure} at={at} />
      {value?.length === 0 && <p className={styles.note}>{texts.none}</p>}
      {value !== undefined && value.length > 0 && (
        <Panel title={texts.title} className={styles.panel}>
          <table className={tables.table}>
            <thead>
              <tr>
                <th scope="col">{texts.time}</th>
                <th scope="col">{texts.action}</th>
                <th scope="col">{texts.session}</th>
                <th scope="col">{texts.actor}</th>
              </tr>
            </thead>
            <tbody>
              {value.map(({ at_ms, actor, action, session }) => (
                <tr key={`${at_ms} ${actor} ${action} ${session}`}>
                  <td className={styles.time}>{format.moment(at_ms)}</td>
                  <td>{texts.actions[action] ?? action}</td>
                  <td>
                    {session !== null && (
                      <a className={styles.id} href={hashOf({ page: "session", id: session })}>
                        {session}
                      </a>
                    )}
                  </td>
                  <td className={styles.id}>{actor}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
    </div>
  );
}
