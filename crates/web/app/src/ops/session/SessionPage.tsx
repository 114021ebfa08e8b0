import { useCallback, useEffect, useState } from "react";
import { useClient } from "../api/client";
import type { SessionView } from "../api/types";
import { FailureBanner } from "../parts/FailureBanner";
import { PageTitle } from "../parts/PageTitle";
import { State } from "../parts/State";
import { usePolled } from "../poll/usePolled";
import { hashOf } from "../route";
import { ACTIVITY_TONES, CONNECTION_TONES } from "../sessions/tones";
import { useTexts } from "../texts";
import { Icon } from "../ui/Icon";
import { EndSession } from "./EndSession";
import styles from "./SessionPage.module.css";
import { SessionFacts, SessionLatency, SessionStages } from "./SessionPanels";
import { useWatch } from "./useWatch";
import { Watch } from "./Watch";

const EVERY_MS = 1_500;

/** One session. `nowMs` on the clock of the server. */
export function SessionPage({ id, nowMs }: { id: string; nowMs: number }) {
  const client = useClient();
  const texts = useTexts();
  const ask = useCallback((signal: AbortSignal) => client.sessions(signal), [client]);
  const { value, failure, at, refresh } = usePolled(ask, EVERY_MS);
  const watching = useWatch(id);
  const live = value?.find((session) => session.id === id);
  const [last, setLast] = useState<SessionView>();
  useEffect(() => {
    if (live !== undefined) setLast(live);
  }, [live]);
  const session = live ?? last;
  const gone = value !== undefined && live === undefined;

  return (
    <div className={styles.page}>
      <a className={styles.back} href={hashOf({ page: "sessions" })}>
        <Icon name="back" />
        {texts.session.back}
      </a>
      <div className={styles.head}>
        <PageTitle title={`${texts.session.title} ${id}`} />
        {live !== undefined && (
          <p className={styles.states}>
            <State tone={CONNECTION_TONES[live.connection]}>{texts.sessions.connection[live.connection]}</State>
            <State tone={ACTIVITY_TONES[live.activity]}>{texts.sessions.activity[live.activity]}</State>
          </p>
        )}
        {live !== undefined && <EndSession id={id} onEnded={refresh} />}
      </div>
      <FailureBanner failure={failure} at={at} />
      <p role="status" className={styles.gone}>
        {gone && (session === undefined ? `${texts.session.gone} ${texts.session.goneWhy}` : texts.session.ended)}
      </p>
      {session !== undefined && (
        <div className={styles.panels}>
          <Watch watching={watching} over={gone} />
          <div className={styles.figures}>
            <SessionStages stages={session.stages} />
            <SessionLatency session={session} />
            <SessionFacts session={session} nowMs={gone ? undefined : nowMs} />
          </div>
        </div>
      )}
    </div>
  );
}
