import type { Consultation } from "../session/consultation";
import { useStore } from "../session/store";
import { useTexts } from "../texts";
import { Icon, type IconName } from "../ui/Icon";
import styles from "./Controls.module.css";

interface ControlsProps {
  consultation: Consultation;
  captions: boolean;
  onCaptions: (captions: boolean) => void;
}

/** Microphone, camera, captions, end. */
export function Controls({ consultation, captions, onCaptions }: ControlsProps) {
  const { talk } = useTexts();
  const { microphone, camera, muted, phase, audible } = useStore(consultation.status);
  const hears = microphone === "on";
  return (
    <footer>
      <section className={styles.controls} aria-label={talk.controls}>
        {hears || microphone === "asking" ? (
          <Control
            name={talk.mute}
            short={talk.muteShort}
            title={talk.shortcut}
            shortcut="Alt+M"
            icon={muted ? "microphoneOff" : "microphone"}
            pressed={muted}
            off={muted}
            onPress={() => hears && consultation.setMuted(!muted)}
          />
        ) : (
          <Control
            name={talk.microphoneOn}
            short={talk.microphoneShort}
            icon="microphoneOff"
            off
            onPress={() => audible && void consultation.openMicrophone()}
          />
        )}
        <Control
          name={talk.camera}
          short={talk.camera}
          icon={camera === "on" ? "camera" : "cameraOff"}
          pressed={camera === "on"}
          off={camera !== "on"}
          onPress={() => (camera === "on" ? consultation.closeCamera() : void consultation.openCamera())}
        />
        <Control
          name={talk.captions}
          short={talk.captions}
          icon="captions"
          pressed={captions}
          off={!captions}
          onPress={() => onCaptions(!captions)}
        />
        <button
          type="button"
          className={`${styles.control} ${styles.end}`}
          aria-label={talk.end}
          aria-disabled={phase.name === "ending"}
          onClick={() => void consultation.end()}
        >
          <span className={styles.face}>
            <Icon name="end" />
          </span>
          <span aria-hidden="true">{talk.endShort}</span>
        </button>
      </section>
    </footer>
  );
}

interface ControlProps {
  name: string;
  /** Under the picture; the name says more. */
  short: string;
  icon: IconName;
  pressed?: boolean;
  off: boolean;
  title?: string;
  shortcut?: string;
  onPress: () => void;
}

function Control({ name, short, icon, pressed, off, title, shortcut, onPress }: ControlProps) {
  return (
    <button
      type="button"
      className={styles.control}
      data-off={off}
      aria-label={name}
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      title={title}
      onClick={onPress}
    >
      <span className={styles.face}>
        <Icon name={icon} />
      </span>
      <span aria-hidden="true">{short}</span>
    </button>
  );
}
