import { useId } from "react";
import { useTexts } from "../texts";
import { Icon, type IconName } from "../ui/Icon";
import styles from "./Devices.module.css";

/** Why the browser is about to ask for what. */
export function Devices({ camera, onCamera }: { camera: boolean; onCamera: (camera: boolean) => void }) {
  const { start } = useTexts();
  const id = useId();
  return (
    <section className={styles.devices} aria-labelledby={`${id}-asks`}>
      <h2 id={`${id}-asks`}>{start.asks}</h2>
      <div className={styles.device}>
        <Badge name="microphone" />
        <div>
          <h3>{start.microphone}</h3>
          <p>{start.microphoneWhy}</p>
        </div>
      </div>
      <div className={styles.device}>
        <Badge name="camera" />
        <div>
          <h3>{start.camera}</h3>
          <p id={`${id}-why`}>{start.cameraWhy}</p>
          <label className={styles.use}>
            <input
              type="checkbox"
              role="switch"
              checked={camera}
              aria-checked={camera}
              aria-describedby={`${id}-why`}
              onChange={(event) => onCamera(event.target.checked)}
            />
            <span>{start.cameraUse}</span>
          </label>
        </div>
      </div>
    </section>
  );
}

function Badge({ name }: { name: IconName }) {
  return (
    <span className={styles.badge}>
      <Icon name={name} />
    </span>
  );
}
