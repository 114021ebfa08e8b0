import { type ReactNode, useCallback } from "react";
import { useClient } from "./api/client";
import { Audit } from "./audit/Audit";
import styles from "./Console.module.css";
import { Header } from "./Header";
import { Overview } from "./overview/Overview";
import { FailureBanner, FailureTold } from "./parts/FailureBanner";
import { usePolled } from "./poll/usePolled";
import { useRoute } from "./route";
import { SessionPage } from "./session/SessionPage";
import { Sessions } from "./sessions/Sessions";
import { useTexts } from "./texts";

const NODE_EVERY_MS = 1_500;

/** The pages of the console; how the node is doing is known on all of them. */
export function Console({ pickers }: { pickers: ReactNode }) {
  const client = useClient();
  const route = useRoute();
  const texts = useTexts();
  const ask = useCallback((signal: AbortSignal) => client.node(signal), [client]);
  const node = usePolled(ask, NODE_EVERY_MS);

  return (
    <>
      <button type="button" className={styles.skip} onClick={() => document.getElementById("main")?.focus()}>
        {texts.skip}
      </button>
      <Header route={route} node={node} pickers={pickers} />
      <main id="main" tabIndex={-1} className={styles.main} data-stale={node.failure !== undefined || undefined}>
        <FailureBanner failure={node.failure} at={node.at} />
        {node.value === undefined ? (
          node.failure === undefined && <p className={styles.loading}>{texts.loading}</p>
        ) : (
          <FailureTold value={node.failure !== undefined}>
            {route.page === "overview" && <Overview node={node.value} onChanged={node.refresh} />}
            {route.page === "sessions" && <Sessions nowMs={node.value.now_ms} />}
            {route.page === "session" && <SessionPage key={route.id} id={route.id} nowMs={node.value.now_ms} />}
            {route.page === "audit" && <Audit />}
          </FailureTold>
        )}
      </main>
    </>
  );
}
