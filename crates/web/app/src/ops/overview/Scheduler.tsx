import type { SchedulerView } from "../api/types";
import { useFormat } from "../format";
import { Panel } from "../parts/Panel";
import tables from "../parts/Table.module.css";
import { useTexts } from "../texts";

/** Whether the models run in time. */
export function Scheduler({ scheduler }: { scheduler: SchedulerView }) {
  const all = useTexts();
  const texts = all.scheduler;
  const format = useFormat();
  return (
    <Panel
      title={texts.title}
      aside={`${texts.threads} ${format.count(scheduler.threads)} · ${texts.queued} ${format.count(scheduler.queued)}`}
    >
      <table className={tables.table}>
        <thead>
          <tr>
            <th scope="col">{texts.class}</th>
            <th scope="col" className={tables.figure}>
              {texts.done}
            </th>
            <th scope="col" className={tables.figure}>
              {texts.late}
            </th>
            <th scope="col" className={tables.figure}>
              {texts.lateness}
            </th>
            <th scope="col" className={tables.figure}>
              {texts.dropped}
            </th>
          </tr>
        </thead>
        <tbody>
          {scheduler.classes.map(({ name, done, late, lateness_p95_ms, dropped }) => (
            <tr key={name}>
              <th scope="row">{all.jobs[name] ?? name}</th>
              <td className={tables.figure}>{format.count(done)}</td>
              <td className={tables.figure}>{format.count(late)}</td>
              <td className={tables.figure}>{format.ms(lateness_p95_ms)}</td>
              <td className={tables.figure}>
                <span className={dropped > 0 ? tables.trouble : undefined}>{format.count(dropped)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
