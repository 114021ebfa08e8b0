import { memo } from "react";
import type { SessionView } from "../api/types";
import { useFormat } from "../format";
import { State } from "../parts/State";
import tables from "../parts/Table.module.css";
import { hashOf } from "../route";
import { useTexts } from "../texts";
import { Icon } from "../ui/Icon";
import type { Order, SortKey } from "./order";
import styles from "./SessionTable.module.css";
import { StageMarks } from "./StageMarks";
import { looksSame, type RowProps } from "./shown";
import { TurnBar } from "./TurnBar";
import { ACTIVITY_TONES, CONNECTION_TONES, SCAN_TONES } from "./tones";

export interface SessionListProps {
  /** In order. */
  sessions: readonly SessionView[];
  /** On the clock of the server. */
  nowMs: number;
  order: Order;
  onSort: (by: SortKey) => void;
}

const COLUMNS = ["id", "activity", "connection", "stages", "age", "turns", "latency", "scan", "waiting"] as const;
const FIGURES: ReadonlySet<string> = new Set(["age", "turns", "waiting"]);

export function SessionTable({ sessions, nowMs, order, onSort }: SessionListProps) {
  const texts = useTexts();
  const format = useFormat();
  return (
    <div className={styles.frame}>
      <table className={`${tables.table} ${styles.table}`} aria-label={texts.sessions.title}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <Head key={column} column={column} order={order} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <Row key={session.id} session={session} age={format.span(nowMs - session.started_at_ms)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps {
  column: (typeof COLUMNS)[number];
  order: Order;
  onSort: (by: SortKey) => void;
}

function Head({ column, order, onSort }: HeadProps) {
  const text = useTexts().sessions.columns[column];
  const side = FIGURES.has(column) ? `${tables.figure} ${styles.figures}` : undefined;
  if (column === "stages") {
    return (
      <th scope="col" className={side}>
        {text}
      </th>
    );
  }
  const sorted = order.by !== column ? "none" : order.descending ? "descending" : "ascending";
  return (
    <th scope="col" className={side} aria-sort={sorted}>
      <button type="button" className={styles.sort} onClick={() => onSort(column)}>
        {text}
        <Icon name={sorted === "ascending" ? "up" : "down"} />
      </button>
    </th>
  );
}

const Row = memo(function Row({ session, age }: RowProps) {
  const texts = useTexts().sessions;
  const format = useFormat();
  const { id, model, protocol, connection, activity, last_turn, scan } = session;
  return (
    <tr>
      <th scope="row">
        <a className={styles.id} href={hashOf({ page: "session", id })}>
          {id}
        </a>
        <span className={styles.model}>{[...new Set([model, protocol])].filter(Boolean).join(" · ")}</span>
      </th>
      <td>
        <State tone={ACTIVITY_TONES[activity]}>{texts.activity[activity]}</State>
      </td>
      <td>
        <State tone={CONNECTION_TONES[connection]}>{texts.connection[connection]}</State>
      </td>
      <td>
        <StageMarks stages={session.stages} />
      </td>
      <td className={tables.figure}>{age}</td>
      <td className={tables.figure}>{format.count(session.turns)}</td>
      <td className={styles.latency}>
        {format.ms(last_turn?.voice_to_voice)}
        {last_turn !== null && <TurnBar turn={last_turn} />}
      </td>
      <td>
        <State tone={SCAN_TONES[scan]}>{texts.scan[scan]}</State>
      </td>
      <td className={tables.figure}>
        <span className={session.waiting_bytes > MUCH_BYTES ? tables.trouble : undefined}>
          {format.bytes(session.waiting_bytes)}
        </span>
      </td>
    </tr>
  );
}, looksSame);

/** More than this waiting means a client that does not keep up: two seconds of speech at 24 kHz. */
export const MUCH_BYTES = 96_000;
