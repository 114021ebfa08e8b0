import type { Guidance, VitalsState } from "@bedside/client";
import { useEffect, useRef } from "react";
import type { FacePlace } from "../session/camera";
import { type Store, useStore } from "../session/store";
import { useTexts } from "../texts";
import { Icon, type IconName } from "../ui/Icon";
import styles from "./FaceGuide.module.css";
import { placeOver } from "./place-over";

const ICONS: Record<Guidance, IconName> = {
  ok: "ok",
  move_closer: "nearer",
  hold_still: "still",
  more_light: "light",
  face_not_found: "person",
};

/** The server's box is where skin is measured; a face is so much wider. */
const WIDER = 1.25;

interface FaceGuideProps {
  face: Store<FacePlace | undefined>;
  vitals: Store<VitalsState>;
}

/** A frame round the face, and one thing to do. */
export function FaceGuide({ face, vitals }: FaceGuideProps) {
  const texts = useTexts();
  const frame = useRef<HTMLDivElement>(null);
  const guidance = useStore(vitals, (state) => (state.phase === "scanning" ? state.guidance : undefined));

  // The frame follows the face without rendering.
  useEffect(() => {
    const move = () => {
      const element = frame.current;
      const stage = element?.parentElement;
      if (!element || !stage) return;
      const picture = stage.querySelector("video");
      const place = face.get();
      element.hidden = place === undefined;
      if (place === undefined || !picture?.videoWidth) return;
      const [left, top, across, down] = place;
      const [x, y, w, h] = placeOver(
        [left - (across * (WIDER - 1)) / 2, top, across * WIDER, down],
        picture.videoWidth / picture.videoHeight,
        stage.clientWidth,
        stage.clientHeight,
      );
      Object.assign(element.style, { transform: `translate(${x}px, ${y}px)`, width: `${w}px`, height: `${h}px` });
    };
    move();
    addEventListener("resize", move);
    const stop = face.subscribe(move);
    return () => {
      removeEventListener("resize", move);
      stop();
    };
  }, [face]);

  return (
    <>
      <div ref={frame} className={styles.frame} data-guidance={guidance} hidden aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </div>
      {guidance !== undefined && (
        <p className={styles.guidance} data-guidance={guidance} data-testid="guidance">
          <Icon name={ICONS[guidance]} size={20} />
          {texts.vitals.guidance[guidance]}
        </p>
      )}
    </>
  );
}
