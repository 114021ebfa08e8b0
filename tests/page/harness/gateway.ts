import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { TAP, TAP_PATH } from "./in-page.ts";

/** A network between page and server that can break. It also gives the page the tests' own worklet. */
export class Gateway {
  readonly origin: string;
  readonly #sockets = new Set<Socket>();
  readonly #server: ReturnType<typeof createServer>;
  readonly #replaced = new Map<string, (text: string) => string>();
  #broken = false;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Opens one to `authority`, `HOST:PORT`. */
  static async open(authority: string): Promise<Gateway> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const gateway = new Gateway(server);
    server.on("connection", (socket) => {
      gateway.#keep(socket);
      if (gateway.#broken) socket.destroy();
    });
    server.on("request", (asked, answer) => pass(asked, answer, authority, gateway.#replaced.get(asked.url ?? "")));
    server.on("upgrade", (asked, client, head) => gateway.#join(asked, client as Socket, head, authority));
    return gateway;
  }

  /** Cuts every connection, as a cable does, and lets no new one through until `mend`. */
  cut(): void {
    this.#broken = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#broken = false;
  }

  /** From now on answers for `path` with what `change` makes of the server's answer. */
  replace(path: string, change: (text: string) => string): void {
    this.#replaced.set(path, change);
  }

  /** Whole again, and with nothing replaced. */
  reset(): void {
    this.mend();
    this.#replaced.clear();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(asked: IncomingMessage, client: Socket, head: Buffer, authority: string): void {
    const [host, port] = authority.split(":");
    const server = connect(Number(port), host);
    this.#keep(server);
    const fields = [];
    for (let index = 0; index < asked.rawHeaders.length; index += 2) {
      fields.push(`${asked.rawHeaders[index]}: ${asked.rawHeaders[index + 1]}\r\n`);
    }
    server.write(`GET ${asked.url} HTTP/1.1\r\n${fields.join("")}\r\n`);
    server.write(head);
    server.pipe(client);
    client.pipe(server);
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
    client.setNoDelay(true);
    server.setNoDelay(true);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A connection that is cut is what this is for.
    socket.on("error", () => socket.destroy());
  }
}

function pass(
  asked: IncomingMessage,
  answer: ServerResponse,
  authority: string,
  change: ((text: string) => string) | undefined,
): void {
  if (asked.url === TAP_PATH) {
    answer.setHeader("content-type", "text/javascript").end(TAP);
    return;
  }
  const [host, port] = authority.split(":");
  const { method, url: path } = asked;
  // What every browser takes; Brotli, where it is taken, is smaller still.
  const encoding = change === undefined ? "gzip" : "identity";
  const headers = { ...asked.headers, "accept-encoding": encoding };
  const passed = request({ host, port, method, path, headers }, (given) => {
    if (change === undefined) {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
      return;
    }
    void text(given).then((body) => {
      const { etag: _, "content-length": __, ...kept } = given.headers;
      answer.writeHead(given.statusCode ?? 502, kept).end(change(body));
    });
  });
  passed.on("error", () => answer.destroy());
  asked.pipe(passed);
}
