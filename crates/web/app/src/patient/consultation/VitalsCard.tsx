import type { VitalsState } from "@bedside/client";
import type { Consultation } from "../session/consultation";
import { qualityOf, reasonIn } from "../session/figures";
import type { Device } from "../session/status";
import { useStore } from "../session/store";
import { type Texts, useTexts } from "../texts";
import buttons from "../ui/button.module.css";
import { Icon } from "../ui/Icon";
import { PulseCanvas } from "./PulseCanvas";
import { QualityMark } from "./QualityMark";
import styles from "./VitalsCard.module.css";

/** The heart rate and its wave, or how to come to one. */
export function VitalsCard({ consultation }: { consultation: Consultation }) {
  const texts = useTexts();
  const { camera, vitalsOff, phase } = useStore(consultation.status);
  const vitals = useStore(consultation.vitals.state);
  if (vitalsOff) return <p className={styles.note}>{texts.vitals.off}</p>;
  if (camera !== "on") {
    if (phase.name !== "talking") return null;
    return (
      <div className={styles.invite}>
        <Icon name="heart" />
        <p>{invitation(texts, camera)}</p>
        <button type="button" className={buttons.secondary} onClick={() => void consultation.openCamera()}>
          {texts.talk.cameraTurnOn}
        </button>
      </div>
    );
  }
  return (
    <section className={styles.card} aria-label={texts.vitals.heading}>
      <HeartRate vitals={vitals} />
      <PulseCanvas wave={consultation.vitals.wave} label={texts.vitals.wave} />
      {vitals.phase !== "scanning" && vitals.phase !== "idle" && (
        <button type="button" className={buttons.secondary} onClick={() => consultation.measure()}>
          {texts.vitals.again}
        </button>
      )}
    </section>
  );
}

function HeartRate({ vitals }: { vitals: VitalsState }) {
  const texts = useTexts();
  const figures = vitals.reading?.figures;
  const bpm = figures?.heart_rate_bpm;
  if (bpm === undefined) {
    return (
      <div className={styles.rate} data-testid="heart-rate">
        <p className={styles.figure} data-absent="true">
          <Icon name="heart" size={28} />
          <span aria-hidden="true">––</span>
          <span className="visually-hidden">{texts.vitals.none}</span>
        </p>
        <p className={styles.quality}>{withoutFigure(texts, vitals)}</p>
      </div>
    );
  }
  const quality = qualityOf(figures?.quality);
  return (
    <div className={styles.rate} data-testid="heart-rate">
      <p className={styles.figure}>
        <Icon name="heart" size={28} />
        <span data-testid="bpm">{Math.round(bpm)}</span>
        <small title={texts.vitals.unit}>{texts.vitals.unitShort}</small>
      </p>
      <p className={styles.quality}>
        <QualityMark quality={quality} />
        {texts.vitals.quality[quality]}
        {vitals.reading?.stage === "preliminary" && <> · {texts.vitals.preliminary}</>}
      </p>
    </div>
  );
}

function withoutFigure(texts: Texts, vitals: VitalsState): string {
  if (vitals.phase === "failed") return reasonIn(texts, vitals.reason);
  const reason = vitals.reading?.figures.absent?.heart_rate;
  if (reason !== undefined && reason !== "too_short") return reasonIn(texts, reason);
  return vitals.phase === "scanning" ? texts.vitals.measuringHint : texts.vitals.none;
}

function invitation({ talk }: Texts, camera: Device): string {
  switch (camera) {
    case "refused":
      return talk.cameraRefused;
    case "missing":
      return talk.cameraMissing;
    case "failed":
      return talk.cameraFailed;
    default:
      return talk.cameraOff;
  }
}
