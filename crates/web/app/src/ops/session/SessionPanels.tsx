import { useEffect, useState } from "react";
import { SESSION_STAGES, type SessionView, TURN_STAGES, type TurnView } from "../api/types";
import { useFormat } from "../format";
import { Facts } from "../parts/Facts";
import { Panel } from "../parts/Panel";
import { State } from "../parts/State";
import { TurnBar } from "../sessions/TurnBar";
import { SCAN_TONES, STAGE_TONES } from "../sessions/tones";
import { useTexts } from "../texts";
import styles from "./SessionPanels.module.css";

export function SessionStages({ stages }: { stages: SessionView["stages"] }) {
  const texts = useTexts();
  return (
    <Panel title={texts.session.stages}>
      <Facts
        facts={SESSION_STAGES.map((stage) => [
          texts.stages[stage],
          <State key={stage} tone={STAGE_TONES[stages[stage]]}>
            {texts.sessions.stageState[stages[stage]]}
          </State>,
        ])}
      />
    </Panel>
  );
}

/** `nowMs` is absent where the session is over. */
export function SessionFacts({ session, nowMs }: { session: SessionView; nowMs: number | undefined }) {
  const all = useTexts();
  const texts = all.session;
  const format = useFormat();
  return (
    <Panel title={texts.facts}>
      <Facts
        facts={[
          [texts.model, session.model],
          [texts.protocol, session.protocol || texts.noProtocol],
          [texts.begun, format.clock(session.started_at_ms)],
          ...(nowMs === undefined ? [] : [[texts.age, format.span(nowMs - session.started_at_ms)] as const]),
          [
            texts.scan,
            <State key="scan" tone={SCAN_TONES[session.scan]}>
              {all.sessions.scan[session.scan]}
            </State>,
          ],
          [texts.received, format.bytes(session.received_bytes)],
          [texts.sent, format.bytes(session.sent_bytes)],
          [texts.waiting, format.bytes(session.waiting_bytes)],
        ]}
      />
    </Panel>
  );
}

/** So many turns are shown at a time. */
const RECENT = 12;

export function SessionLatency({ session }: { session: SessionView }) {
  const all = useTexts();
  const texts = all.session;
  const format = useFormat();
  const recent = useRecentTurns(session);
  const last = session.last_turn;
  return (
    <Panel title={texts.latency} aside={`${texts.turns} ${format.count(session.turns)}`}>
      {last === null ? (
        <p className={styles.none}>{texts.noTurns}</p>
      ) : (
        <>
          <p className={styles.whole}>
            {format.ms(last.voice_to_voice)} <span>{texts.lastTurn}</span>
          </p>
          <TurnBar turn={last} />
          <dl className={styles.split}>
            {TURN_STAGES.map((stage) => (
              <div key={stage} data-stage={stage}>
                <dt>{all.latency.stage[stage]}</dt>
                <dd>{format.ms(last[stage])}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {recent.length > 1 && (
        <>
          <h3 className={styles.recent}>{texts.recent}</h3>
          <ol className={styles.turns}>
            {recent.map(({ number, turn }) => (
              <li key={number}>
                <TurnBar turn={turn} />
                <span>{format.ms(turn.voice_to_voice)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </Panel>
  );
}

/** The turns since the page was opened, newest first. */
function useRecentTurns({ turns, last_turn }: SessionView): { number: number; turn: TurnView }[] {
  const [recent, setRecent] = useState<{ number: number; turn: TurnView }[]>([]);
  useEffect(() => {
    if (last_turn === null) return;
    setRecent((before) =>
      before[0]?.number === turns ? before : [{ number: turns, turn: last_turn }, ...before].slice(0, RECENT),
    );
  }, [turns, last_turn]);
  return recent;
}
