import type { ReactNode } from "react";
import type { NodeView } from "./api/types";
import { useFormat } from "./format";
import styles from "./Header.module.css";
import type { Polled } from "./poll/poller";
import { hashOf, type Route } from "./route";
import { useTexts } from "./texts";
import { Icon } from "./ui/Icon";

interface HeaderProps {
  route: Route;
  node: Polled<NodeView>;
  pickers: ReactNode;
}

export function Header({ route, node, pickers }: HeaderProps) {
  const texts = useTexts();
  const format = useFormat();
  const live = node.value?.sessions.live;
  return (
    <header className={styles.header}>
      <div className={styles.inner}>
        <p className={styles.brand}>
          <Icon name="heart" />
          <span>
            Bedside <span className={styles.title}>{texts.title}</span>
          </span>
        </p>
        <nav className={styles.nav} aria-label={texts.nav.label}>
          <Tab to={{ page: "overview" }} current={route.page === "overview"}>
            {texts.nav.overview}
          </Tab>
          <Tab to={{ page: "sessions" }} current={route.page === "sessions"} within={route.page === "session"}>
            {texts.nav.sessions} {live !== undefined && <span className={styles.count}>{format.count(live)}</span>}
          </Tab>
          <Tab to={{ page: "audit" }} current={route.page === "audit"}>
            {texts.nav.audit}
          </Tab>
        </nav>
        <div className={styles.tools}>
          <Freshness node={node} />
          {pickers}
        </div>
      </div>
    </header>
  );
}

interface TabProps {
  to: Route;
  current: boolean;
  /** The page is one below this. */
  within?: boolean;
  children: ReactNode;
}

function Tab({ to, current, within = false, children }: TabProps) {
  return (
    <a className={styles.tab} href={hashOf(to)} aria-current={current ? "page" : within ? "true" : undefined}>
      {children}
    </a>
  );
}

function Freshness({ node }: { node: Polled<NodeView> }) {
  const texts = useTexts();
  const format = useFormat();
  if (node.at === undefined) return null;
  const stale = node.failure !== undefined;
  return (
    <p className={styles.freshness} data-stale={stale}>
      <span className={styles.word}>{stale ? texts.stale : texts.updated} </span>
      {format.clock(node.at)}
    </p>
  );
}
