import { memo } from "react";
import { useFormat } from "../format";
import { State } from "../parts/State";
import { hashOf } from "../route";
import { useTexts } from "../texts";
import { Button } from "../ui/Button";
import { SORT_KEYS } from "./order";
import styles from "./SessionCards.module.css";
import type { SessionListProps } from "./SessionTable";
import { StageMarks } from "./StageMarks";
import { looksSame, type RowProps } from "./shown";
import { TurnBar } from "./TurnBar";
import { ACTIVITY_TONES, CONNECTION_TONES, SCAN_TONES } from "./tones";

/** The sessions where a table has no room. */
export function SessionCards({ sessions, nowMs, order, onSort }: SessionListProps) {
  const texts = useTexts().sessions;
  const format = useFormat();
  return (
    <>
      <div className={styles.order}>
        <label className={styles.by}>
          {texts.sortBy}
          <select
            value={order.by}
            onChange={(event) => {
              const by = SORT_KEYS.find((key) => key === event.target.value);
              if (by !== undefined && by !== order.by) onSort(by);
            }}
          >
            {SORT_KEYS.map((key) => (
              <option key={key} value={key}>
                {texts.columns[key]}
              </option>
            ))}
          </select>
        </label>
        <Button kind="quiet" icon={order.descending ? "down" : "up"} onClick={() => onSort(order.by)}>
          {order.descending ? texts.descending : texts.ascending}
        </Button>
      </div>
      <ul className={styles.cards} aria-label={texts.title}>
        {sessions.map((session) => (
          <Card key={session.id} session={session} age={format.span(nowMs - session.started_at_ms)} />
        ))}
      </ul>
    </>
  );
}

const Card = memo(function Card({ session, age }: RowProps) {
  const all = useTexts();
  const texts = all.sessions;
  const format = useFormat();
  const { id, activity, connection, last_turn, scan } = session;
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <a className={styles.id} href={hashOf({ page: "session", id })}>
          {id}
        </a>
        <State tone={ACTIVITY_TONES[activity]}>{texts.activity[activity]}</State>
      </div>
      <div className={styles.marks}>
        <StageMarks stages={session.stages} />
        <span className={styles.states}>
          {connection !== "connected" && (
            <State tone={CONNECTION_TONES[connection]}>{texts.connection[connection]}</State>
          )}
          {scan !== "none" && <State tone={SCAN_TONES[scan]}>{`${texts.columns.scan}: ${texts.scan[scan]}`}</State>}
        </span>
      </div>
      <dl className={styles.figures}>
        <div>
          <dt>{texts.columns.age}</dt>
          <dd>{age}</dd>
        </div>
        <div>
          <dt>{texts.columns.turns}</dt>
          <dd>{format.count(session.turns)}</dd>
        </div>
        <div>
          <dt>{texts.columns.latency}</dt>
          <dd>{format.ms(last_turn?.voice_to_voice)}</dd>
        </div>
        <div>
          <dt>{texts.columns.waiting}</dt>
          <dd>{format.bytes(session.waiting_bytes)}</dd>
        </div>
      </dl>
      {last_turn !== null && <TurnBar turn={last_turn} />}
    </li>
  );
}, looksSame);
