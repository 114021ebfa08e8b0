import { useMemo } from "react";
import type { Consultation } from "../session/consultation";
import { duration } from "../session/duration";
import type { Ending } from "../session/status";
import { useTexts } from "../texts";
import buttons from "../ui/button.module.css";
import { Header, type Settings } from "../ui/Header";
import { Icon } from "../ui/Icon";
import { Notice } from "../ui/Notice";
import { HeartRatePlot } from "./HeartRatePlot";
import { type ConsultationRecord, recordOf } from "./record";
import { recordJson, saveFile } from "./record-json";
import styles from "./SummaryView.module.css";
import { Transcript } from "./Transcript";
import { VitalsTable } from "./VitalsTable";
import { WavePlot } from "./WavePlot";

interface SummaryViewProps {
  consultation: Consultation;
  ending: Ending;
  settings: Settings;
  onAgain: () => void;
}

/** What the consultation came to, to be read, printed or kept. */
export function SummaryView({ consultation, ending, settings, onAgain }: SummaryViewProps) {
  const { summary } = useTexts();
  const record = useMemo(() => recordOf(consultation), [consultation]);
  const { language } = settings;
  const started = new Date(record.startedAt);
  return (
    <div className={styles.page}>
      <Header {...settings} />
      <main className={styles.main}>
        <div className={styles.top}>
          <h1 tabIndex={-1}>{summary.heading}</h1>
          <p className={styles.ending}>{summary.ending[ending]}</p>
          <dl className={styles.facts}>
            <Fact name={summary.started}>
              <time dateTime={started.toISOString()}>
                {started.toLocaleString(language, { dateStyle: "long", timeStyle: "short" })}
              </time>
            </Fact>
            <Fact name={summary.duration}>{duration(record.endedAt - record.startedAt)}</Fact>
            {record.sessionId !== undefined && (
              <Fact name={summary.reference}>
                <code>{record.sessionId}</code>
              </Fact>
            )}
          </dl>
          <div className={styles.actions}>
            <button type="button" className={buttons.primary} onClick={() => print()}>
              <Icon name="print" size={20} />
              {summary.save}
            </button>
            <button type="button" className={buttons.secondary} onClick={() => save(record, summary.file)}>
              <Icon name="download" size={20} />
              {summary.download}
            </button>
            <button type="button" className={buttons.quiet} onClick={onAgain}>
              {summary.again}
            </button>
          </div>
        </div>
        {record.escalations.map((reason) => (
          <Notice key={reason} tone="bad" icon="alert">
            <p>
              <strong>{summary.urgent}:</strong> <span lang="en">{reason}</span>
            </p>
          </Notice>
        ))}
        <section className={styles.card} aria-labelledby="vitals">
          <h2 id="vitals">{summary.vitals}</h2>
          {record.vitals === undefined ? (
            <p className={styles.quiet}>{summary.vitalsNone}</p>
          ) : (
            <>
              <VitalsTable vitals={record.vitals} />
              <div className={styles.plots}>
                <HeartRatePlot points={record.heartRates} startedAt={record.startedAt} />
                <WavePlot {...record.wave} />
              </div>
              <p className={styles.quiet}>{summary.disclaimer}</p>
            </>
          )}
        </section>
        <section className={styles.card} aria-labelledby="transcript">
          <h2 id="transcript">{summary.transcript}</h2>
          {record.transcript.length === 0 ? (
            <p className={styles.quiet}>{summary.transcriptNone}</p>
          ) : (
            <Transcript captions={record.transcript} />
          )}
        </section>
      </main>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function save(record: ConsultationRecord, name: string): void {
  const day = new Date(record.startedAt).toISOString().slice(0, 16).replace(/[T:]/g, "-");
  saveFile(`${name}-${day}.json`, recordJson(record));
}
