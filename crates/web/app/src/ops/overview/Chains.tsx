import type { LinkView, ProviderView } from "../api/types";
import { useFormat } from "../format";
import { Panel } from "../parts/Panel";
import { State, type Tone } from "../parts/State";
import tables from "../parts/Table.module.css";
import { useTexts } from "../texts";

const TONES: Record<NonNullable<LinkView["breaker"]>, Tone> = {
  closed: "good",
  half_open: "warn",
  open: "bad",
  unknown: "warn",
};

interface ChainsProps {
  providers: readonly ProviderView[];
  /** ISO 4217. */
  currency: string;
}

/** Who takes over from whom, who is left alone for now, and what each costs. Nothing where nobody takes over. */
export function Chains({ providers, currency }: ChainsProps) {
  const all = useTexts();
  const texts = all.chains;
  const format = useFormat();
  const links = providers.flatMap(({ stage, chain }) => chain.map((link) => ({ stage, ...link })));
  const chained = links.filter(({ breaker }) => breaker !== null);
  if (chained.length === 0) return null;
  return (
    <Panel title={texts.title}>
      <table className={tables.table}>
        <thead>
          <tr>
            <th scope="col">{texts.provider}</th>
            <th scope="col">{texts.breaker}</th>
            <th scope="col" className={tables.figure}>
              {texts.p95}
            </th>
            <th scope="col" className={tables.figure}>
              {texts.uses}
            </th>
            <th scope="col" className={tables.figure}>
              {texts.faults}
            </th>
            <th scope="col" className={tables.figure}>
              {texts.today}
            </th>
          </tr>
        </thead>
        <tbody>
          {chained.map(({ stage, name, breaker, p95_ms, uses, faults, cost_today }) => (
            <tr key={`${stage} ${name}`}>
              <th scope="row">
                {name}
                <br />
                <span className={tables.quiet}>{all.stages[stage]}</span>
              </th>
              <td>{breaker !== null && <State tone={TONES[breaker]}>{texts.breakers[breaker]}</State>}</td>
              <td className={tables.figure}>{format.ms(p95_ms)}</td>
              <td className={tables.figure}>{format.count(uses)}</td>
              <td className={tables.figure}>
                <span className={faults > 0 ? tables.trouble : undefined}>{format.count(faults)}</span>
              </td>
              <td className={tables.figure}>{format.money(cost_today, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
