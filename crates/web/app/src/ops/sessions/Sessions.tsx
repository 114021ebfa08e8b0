import { useCallback, useMemo, useState } from "react";
import { useClient } from "../api/client";
import { useFormat } from "../format";
import { FailureBanner } from "../parts/FailureBanner";
import { useMedia } from "../parts/media";
import { PageTitle } from "../parts/PageTitle";
import { usePolled } from "../poll/usePolled";
import { useTexts } from "../texts";
import { FIRST_ORDER, ordered, pressed } from "./order";
import { SessionCards } from "./SessionCards";
import styles from "./Sessions.module.css";
import { SessionTable } from "./SessionTable";

const EVERY_MS = 1_500;

/** All live sessions; `nowMs` on the clock of the server. */
export function Sessions({ nowMs }: { nowMs: number }) {
  const client = useClient();
  const texts = useTexts();
  const format = useFormat();
  const ask = useCallback((signal: AbortSignal) => client.sessions(signal), [client]);
  const { value, failure, at } = usePolled(ask, EVERY_MS);
  const [order, setOrder] = useState(FIRST_ORDER);
  const rows = useMemo(() => ordered(value ?? [], order), [value, order]);
  const narrow = useMedia("(max-width: 56rem)");
  const List = narrow ? SessionCards : SessionTable;
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <PageTitle title={texts.sessions.title} />
        {value !== undefined && <p className={styles.count}>{texts.sessions.live(format.count(value.length))}</p>}
      </div>
      <FailureBanner failure={failure} at={at} />
      {value === undefined && failure === undefined && <p className={styles.none}>{texts.loading}</p>}
      {value?.length === 0 && (
        <div className={styles.none}>
          <p className={styles.nobody}>{texts.sessions.none}</p>
          <p>{texts.sessions.noneWhy}</p>
        </div>
      )}
      {rows.length > 0 && (
        <List sessions={rows} nowMs={nowMs} order={order} onSort={(by) => setOrder(pressed(order, by))} />
      )}
    </div>
  );
}
