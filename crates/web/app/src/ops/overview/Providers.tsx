import type { ProviderState, ProviderView } from "../api/types";
import { useFormat } from "../format";
import { Panel } from "../parts/Panel";
import { State, type Tone } from "../parts/State";
import tables from "../parts/Table.module.css";
import { useTexts } from "../texts";

const TONES: Record<ProviderState, Tone> = { ok: "good", failing: "bad", off: "off", unknown: "warn" };

interface ProvidersProps {
  providers: readonly ProviderView[];
  /** On the clock of the server. */
  nowMs: number;
}

/** Who does the work of each stage, and how well. */
export function Providers({ providers, nowMs }: ProvidersProps) {
  const all = useTexts();
  const texts = all.providers;
  const format = useFormat();
  return (
    <Panel title={texts.title}>
      <table className={tables.table}>
        <thead>
          <tr>
            <th scope="col">{texts.stage}</th>
            <th scope="col">{texts.state}</th>
            <th scope="col" className={tables.figure}>
              {texts.faults}
            </th>
            <th scope="col">{texts.lastFault}</th>
          </tr>
        </thead>
        <tbody>
          {providers.map(({ stage, name, state, faults_recent, faults_total, last_fault }) => (
            <tr key={`${stage} ${name}`}>
              <th scope="row">
                {all.stages[stage]}
                <br />
                <span className={tables.quiet}>{name}</span>
              </th>
              <td>
                <State tone={TONES[state]}>{texts.states[state]}</State>
              </td>
              <td className={tables.figure}>
                <span aria-hidden="true">
                  <span className={faults_recent > 0 ? tables.trouble : undefined}>{format.count(faults_recent)}</span>
                  <span className={tables.quiet}> / {format.count(faults_total)}</span>
                </span>
                <span className="visually-hidden">
                  {texts.faultsExplained(format.count(faults_recent), format.count(faults_total))}
                </span>
              </td>
              <td>
                {last_fault === null ? (
                  <span className={tables.quiet}>{texts.none}</span>
                ) : (
                  <>
                    {all.faultKinds[last_fault.kind] ?? last_fault.kind}
                    <br />
                    <span className={tables.quiet} title={format.moment(last_fault.at_ms)}>
                      {format.ago(nowMs - last_fault.at_ms)}
                    </span>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
