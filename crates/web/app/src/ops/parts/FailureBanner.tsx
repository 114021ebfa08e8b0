import { createContext, useContext } from "react";
import type { Failure } from "../api/failure";
import { useFormat } from "../format";
import { useTexts } from "../texts";
import { Icon } from "../ui/Icon";
import styles from "./FailureBanner.module.css";

interface FailureBannerProps {
  failure: Failure | undefined;
  /** When what is shown nevertheless was true. */
  at?: number | undefined;
}

/** Whether it was already said on this page that the server fails. */
export const FailureTold = createContext(false);

/** What went wrong, said once; and how old is what is seen. */
export function FailureBanner({ failure, at }: FailureBannerProps) {
  const texts = useTexts();
  const told = useContext(FailureTold);
  const format = useFormat();
  return (
    <div role="alert" className={styles.live}>
      {failure !== undefined && !told && (
        <p className={styles.banner}>
          <Icon name="alert" />
          <span>
            <strong>{texts.failures[failure.kind]}</strong> {failure.message}{" "}
            {at !== undefined && texts.lastAnswer(format.clock(at))} {texts.trying}
          </span>
        </p>
      )}
    </div>
  );
}
