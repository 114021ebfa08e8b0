import { useLanguage } from "../../shared/language";
import { qualityOf, reasonIn } from "../session/figures";
import { useTexts } from "../texts";
import type { MeasuredVitals } from "./record";
import styles from "./VitalsTable.module.css";

interface Row {
  name: string;
  value: number | undefined;
  unit: string;
  quality: number | undefined;
  absent: string | undefined;
}

/** Every vital sign with its quality, or why it is not given. */
export function VitalsTable({ vitals: { figures, seconds, method, reason } }: { vitals: MeasuredVitals }) {
  const texts = useTexts();
  const language = useLanguage();
  const { summary, vitals } = texts;
  const absent = figures.absent ?? {};
  const rows: Row[] = [
    {
      name: summary.heartRate,
      value: figures.heart_rate_bpm,
      unit: vitals.unit,
      quality: figures.quality,
      absent: absent.heart_rate ?? reason,
    },
    {
      name: summary.respiratoryRate,
      value: figures.respiratory_rate_bpm,
      unit: vitals.breathingUnit,
      quality: figures.respiratory_rate_quality,
      absent: absent.respiratory_rate ?? reason,
    },
    {
      name: summary.hrv,
      value: figures.hrv_rmssd_ms,
      unit: summary.hrvUnit,
      quality: figures.hrv_quality,
      absent: absent.hrv ?? reason,
    },
  ];
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{summary.sign}</th>
            <th scope="col">{summary.value}</th>
            <th scope="col">{summary.quality}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, value, unit, quality, absent }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {value === undefined ? (
                <td colSpan={2} className={styles.absent}>
                  {summary.notGiven(reasonIn(texts, absent))}
                </td>
              ) : (
                <>
                  <td>
                    <strong>{number.format(value)}</strong> <span className={styles.unit}>{unit}</span>
                  </td>
                  <td>{vitals.quality[qualityOf(quality)]}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {seconds !== undefined && method !== undefined && (
        <p className={styles.method}>{summary.method(seconds, method)}</p>
      )}
    </>
  );
}
