import {
  CameraSender,
  type Connection,
  type FaceBox,
  FaceFollower,
  FrameStamper,
  openCamera,
  type VitalsEvent,
} from "@bedside/client";
import { Store } from "./store";

/** Where the face is, in fractions of the camera's picture. */
export type FacePlace = FaceBox;

/** The patient's camera: its pictures go to the server for as long as they are shown. */
export class Camera {
  readonly stream: MediaStream;
  readonly face = new Store<FacePlace | undefined>(undefined);
  readonly #connection: Connection;
  readonly #stamper = new FrameStamper();
  readonly #follower = new FaceFollower();
  #sender: CameraSender | undefined;
  #video: HTMLVideoElement | undefined;

  private constructor(stream: MediaStream, connection: Connection) {
    this.stream = stream;
    this.#connection = connection;
  }

  /**
   * Asks for the camera.
   * @throws DOMException `NotAllowedError` where the patient refuses, `NotFoundError` where there is none.
   */
  static async open(connection: Connection): Promise<Camera> {
    return new Camera(await openCamera(), connection);
  }

  /** Shows the pictures in `video` and sends them, until the function returned is called. */
  attach(video: HTMLVideoElement): () => void {
    video.srcObject = this.stream;
    this.#video = video;
    const sender = new CameraSender(video, ({ format, width, height, captureTimeUs, payload }) => {
      this.#connection.sendFrame(this.#stamper.video({ format, width, height }, captureTimeUs, payload));
    });
    this.#sender = sender;
    return () => {
      sender.close();
      video.srcObject = null;
      this.#sender = undefined;
      this.#video = undefined;
    };
  }

  /** Takes every event of vital signs: they say where the face is. */
  onEvent(event: VitalsEvent): void {
    const sender = this.#sender;
    if (sender === undefined) return;
    if (event.type === "vitals.scan.progress")
      this.#place(event.face.found ? event.face.box : undefined, sender.wholeScale);
    const change = this.#follower.onEvent(event, sender.wholeScale);
    if (change === undefined) return;
    sender.region = change.region;
    if (change.region.name === "face") this.#place(change.region.box, 1);
    this.#connection.send({
      type: "session.update",
      session: { type: "realtime", bedside: { vitals: { region: change.vitalsRegion } } },
    });
  }

  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
    this.face.set(undefined);
  }

  #place(box: FaceBox | undefined, scale: number): void {
    const { videoWidth: width = 0, videoHeight: height = 0 } = this.#video ?? {};
    if (box === undefined || width === 0 || height === 0) return;
    const [x, y, w, h] = box;
    this.face.set([(x * scale) / width, (y * scale) / height, (w * scale) / width, (h * scale) / height]);
  }
}
