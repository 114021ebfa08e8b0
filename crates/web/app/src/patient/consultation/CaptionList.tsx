import type { Caption, Captions } from "@bedside/client";
import { memo, type UIEvent, useEffect, useRef, useState } from "react";

import { type Store, useStore } from "../session/store";
import { useTexts } from "../texts";
import { Icon } from "../ui/Icon";
import styles from "./CaptionList.module.css";

/** Nearer to the end than this is at the end, px. */
const AT_END = 48;

/** What is said, as it is said. */
export function CaptionList({ captions: source, shown }: { captions: Store<Captions>; shown: boolean }) {
  const { talk } = useTexts();
  const captions = useStore(source);
  const place = useRef<HTMLElement>(null);
  const [following, setFollowing] = useState(true);
  const top = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the place moves when the captions do
  useEffect(() => {
    if (following) toEnd(place.current);
  }, [captions, following, shown]);

  useEffect(() => {
    if (!following || place.current === null) return;
    const resized = new ResizeObserver(() => toEnd(place.current));
    resized.observe(place.current);
    return () => resized.disconnect();
  }, [following]);

  // Only who scrolls up wants to stay there: a view that changes its size moves, too.
  const onScroll = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }: UIEvent<HTMLElement>) => {
    if (scrollTop + clientHeight >= scrollHeight - AT_END) setFollowing(true);
    else if (scrollTop < top.current) setFollowing(false);
    top.current = scrollTop;
  };

  const said = captions.filter(({ text, state }) => text !== "" || state === "failed");
  return (
    <div className={styles.frame}>
      <section
        ref={place}
        className={styles.captions}
        aria-label={talk.conversation}
        // A place that scrolls must be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
        onScroll={onScroll}
      >
        {shown && said.length > 0 && (
          <ol>
            {said.map((caption) => (
              <Line key={caption.itemId} caption={caption} />
            ))}
          </ol>
        )}
        {(!shown || said.length === 0) && (
          <p className={styles.empty}>{shown ? talk.conversationEmpty : talk.captionsOff}</p>
        )}
      </section>
      {!following && shown && (
        <button type="button" className={styles.latest} onClick={() => setFollowing(true)}>
          <Icon name="down" size={18} />
          {talk.latest}
        </button>
      )}
    </div>
  );
}

function toEnd(place: HTMLElement | null): void {
  place?.scrollTo({ top: place.scrollHeight });
}

const Line = memo(function Line({ caption: { speaker, text, state, typed } }: { caption: Caption }) {
  const { talk } = useTexts();
  return (
    <li className={styles.line} data-speaker={speaker} data-state={state}>
      <span className={styles.speaker}>
        {speaker === "patient" ? talk.you : talk.assistant}
        {typed && ` · ${talk.typed}`}
      </span>
      {/* Speech is English, whatever language the page is in. */}
      <p lang={state === "failed" ? undefined : "en"}>{state === "failed" && text === "" ? talk.misheard : text}</p>
      {state === "interrupted" && <span className={styles.note}>{talk.interrupted}</span>}
    </li>
  );
});
