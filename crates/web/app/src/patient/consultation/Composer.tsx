import { type FormEvent, useId, useState } from "react";
import type { Consultation } from "../session/consultation";
import { useTexts } from "../texts";
import { Icon } from "../ui/Icon";
import styles from "./Composer.module.css";

/** Longest text that is sent: a page of it. */
const LONGEST = 2_000;

/** For those who type, by choice or because nothing hears them. */
export function Composer({ consultation, disabled }: { consultation: Consultation; disabled: boolean }) {
  const { talk } = useTexts();
  const [text, setText] = useState("");
  const id = useId();
  const ready = !disabled && text.trim() !== "";

  const send = (event: FormEvent) => {
    event.preventDefault();
    // What could not be sent stays where it is.
    if (ready && consultation.write(text.trim())) setText("");
  };

  return (
    <form className={styles.composer} onSubmit={send}>
      <label htmlFor={id} className="visually-hidden">
        {talk.write}
      </label>
      <input
        id={id}
        type="text"
        enterKeyHint="send"
        autoComplete="off"
        maxLength={LONGEST}
        placeholder={talk.writeHint}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" aria-label={talk.send} title={talk.send} aria-disabled={!ready}>
        <Icon name="send" size={22} />
      </button>
    </form>
  );
}
