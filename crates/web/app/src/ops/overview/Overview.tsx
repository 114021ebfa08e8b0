import type { NodeView } from "../api/types";
import { NodeBar } from "../node/NodeBar";
import { PageTitle } from "../parts/PageTitle";
import { useTexts } from "../texts";
import { Chains } from "./Chains";
import { History } from "./History";
import styles from "./Overview.module.css";
import { ProcessPanel } from "./ProcessPanel";
import { Providers } from "./Providers";
import { Scheduler } from "./Scheduler";
import { SessionsGauge } from "./SessionsGauge";
import { Trouble } from "./Trouble";
import { TurnLatency } from "./TurnLatency";

interface OverviewProps {
  node: NodeView;
  onChanged: () => void;
}

/** How the node is doing, at one look. */
export function Overview({ node, onChanged }: OverviewProps) {
  const texts = useTexts();
  return (
    <div className={styles.page}>
      <PageTitle title={texts.nav.overview} hidden />
      <NodeBar node={node} onChanged={onChanged} />
      <div className={styles.figures}>
        <SessionsGauge sessions={node.sessions} />
        <TurnLatency turns={node.turns} />
        <ProcessPanel node={node} />
        <Trouble counters={node.counters} />
      </div>
      <History />
      <div className={styles.machinery}>
        <Providers providers={node.providers} nowMs={node.now_ms} />
        <Chains providers={node.providers} currency={node.currency} />
        {node.scheduler !== null && <Scheduler scheduler={node.scheduler} />}
      </div>
    </div>
  );
}
