import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import styles from "./Access.module.css";
import { OpsClient } from "./api/client";
import { Failure, type FailureKind } from "./api/failure";
import { useTexts } from "./texts";
import { Button } from "./ui/Button";
import { Icon } from "./ui/Icon";

interface AccessProps {
  pickers: ReactNode;
  onKey: (key: string) => void;
}

/** Asks for the key, and lets in who has it. */
export function Access({ pickers, onKey }: AccessProps) {
  const texts = useTexts();
  const field = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureKind>();
  useEffect(() => field.current?.focus(), []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const key = field.current?.value.trim() ?? "";
    if (key === "") return;
    setBusy(true);
    try {
      await new OpsClient(key).node();
      onKey(key);
    } catch (error) {
      setFailure(error instanceof Failure ? error.kind : "unreadable");
      setBusy(false);
      field.current?.select();
    }
  };

  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <h1 className={styles.title}>
          <Icon name="key" />
          {texts.access.title}
        </h1>
        <p className={styles.why} id="access-why">
          {texts.access.why}
        </p>
        <label className={styles.field}>
          <span>{texts.access.key}</span>
          <input
            ref={field}
            type="password"
            autoComplete="off"
            required
            aria-invalid={failure === "key"}
            aria-describedby="access-why access-failure"
          />
        </label>
        <p id="access-failure" className={styles.failure} role="alert">
          {failure !== undefined && texts.failures[failure]}
        </p>
        <Button type="submit" kind="primary" disabled={busy}>
          {texts.access.submit}
        </Button>
      </form>
      <div className={styles.pickers}>{pickers}</div>
    </main>
  );
}
