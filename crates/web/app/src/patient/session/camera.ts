import { type Connection, type FaceBox, openCamera, Camera as PictureCamera } from "@bedside/client";
import { Store } from "./store";

/** Where the face is, in fractions of the camera's picture. */
export type FacePlace = FaceBox;

/** The patient's camera: its pictures go to the server for as long as they are shown and a scan runs. */
export class Camera {
  readonly stream: MediaStream;
  readonly face = new Store<FacePlace | undefined>(undefined);
  readonly #connection: Connection;

  private constructor(stream: MediaStream, connection: Connection) {
    this.stream = stream;
    this.#connection = connection;
  }

  /**
   * Asks for the camera; `onLost` is called when it goes away.
   * @throws DOMException `NotAllowedError` where the patient refuses, `NotFoundError` where there is none.
   */
  static async open(connection: Connection, onLost: () => void): Promise<Camera> {
    const stream = await openCamera();
    for (const track of stream.getTracks()) track.addEventListener("ended", onLost);
    return new Camera(stream, connection);
  }

  /** Shows the pictures in `video` and has them measured, until the function returned is called. */
  attach(video: HTMLVideoElement): () => void {
    video.srcObject = this.stream;
    const pictures = new PictureCamera(this.#connection, video);
    pictures.onFace(({ box, camera: { width, height } }) => {
      if (box === undefined || width === 0) return this.face.set(undefined);
      const [x, y, w, h] = box;
      this.face.set([x / width, y / height, w / width, h / height]);
    });
    // One that began before the pictures were shown is joined.
    pictures.startScan();
    return () => {
      pictures.close();
      this.face.set(undefined);
      video.srcObject = null;
    };
  }

  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
    this.face.set(undefined);
  }
}
