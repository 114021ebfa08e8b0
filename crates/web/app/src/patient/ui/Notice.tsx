import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./Notice.module.css";

interface NoticeProps {
  tone: "plain" | "warn" | "bad";
  icon: IconName;
  /** `alert` is read out at once, `status` when there is a pause. */
  role?: "alert" | "status";
  children: ReactNode;
}

/** Something to know, in a box. */
export function Notice({ tone, icon, role, children }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={role}>
      <Icon name={icon} size={22} />
      <div className={styles.body}>{children}</div>
    </div>
  );
}
