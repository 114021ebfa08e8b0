import type { Caption, Captions } from "@bedside/client";
import type { Store } from "../session/store";
import { useStore } from "../session/store";
import { useTexts } from "../texts";

/** What a screen reader still has before it when it comes to read. */
const KEPT = 3;

/** Tells those who do not see the captions what was said, once it is sure: no partials. */
export function Announcer({ captions }: { captions: Store<Captions> }) {
  const { talk } = useTexts();
  const shown = useStore(captions);
  const sure = shown.filter(isSure).slice(-KEPT);
  return (
    <div className="visually-hidden" aria-live="polite" aria-atomic="false" aria-relevant="additions">
      {sure.map(({ itemId, speaker, text }) => (
        <p key={itemId}>
          {speaker === "patient" ? talk.you : talk.assistant}: <span lang="en">{text}</span>
        </p>
      ))}
    </div>
  );
}

function isSure({ state, text }: Caption): boolean {
  return state !== "partial" && text !== "";
}
