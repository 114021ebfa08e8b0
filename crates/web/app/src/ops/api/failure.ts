import { Fields } from "./fields";

/** Why a request came to nothing. */
export type FailureKind = "unreachable" | "timeout" | "key" | "forbidden" | "missing" | "refused" | "unreadable";

export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;

  /** `message` is the server's own, or empty. */
  constructor(kind: FailureKind, message = "") {
    super(message);
    this.kind = kind;
  }
}

/** The failure a status other than 2xx stands for. */
export async function refusal(response: Response): Promise<Failure> {
  const message = await response.json().then(
    (body: unknown) => new Fields(body).of("error").text("message"),
    () => "",
  );
  switch (response.status) {
    case 401:
      return new Failure("key", message);
    case 403:
      return new Failure("forbidden", message);
    case 404:
      return new Failure("missing", message);
    // What a proxy says when nobody is behind it.
    case 502:
    case 504:
      return new Failure("unreachable", message);
    default:
      return new Failure("refused", message);
  }
}
