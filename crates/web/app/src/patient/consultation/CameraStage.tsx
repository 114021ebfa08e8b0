import { useEffect, useRef } from "react";
import type { Camera } from "../session/camera";
import type { Consultation } from "../session/consultation";
import { useStore } from "../session/store";
import { useTexts } from "../texts";
import styles from "./CameraStage.module.css";
import { FaceGuide } from "./FaceGuide";

/** The patient's own picture, and what the scan asks of them over it. */
export function CameraStage({ consultation }: { consultation: Consultation }) {
  const camera = useStore(consultation.camera);
  return camera === undefined ? null : <Picture camera={camera} consultation={consultation} />;
}

function Picture({ camera, consultation }: { camera: Camera; consultation: Consultation }) {
  const { talk } = useTexts();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => (video.current === null ? undefined : camera.attach(video.current)), [camera]);
  return (
    <div className={styles.stage}>
      <video ref={video} aria-label={talk.picture} autoPlay muted playsInline />
      <FaceGuide face={camera.face} vitals={consultation.vitals.state} />
    </div>
  );
}
