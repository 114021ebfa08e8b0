import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { TAP, TAP_PATH } from "./in-page.ts";

/** A network between page and server that can break. It also gives the page the tests' own worklet. */
export class Gateway {
  readonly origin: string;
  readonly #sockets = new Set<Socket>();
  readonly #server: ReturnType<typeof createServer>;
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
    server.on("request", (asked, answer) => pass(asked, answer, authority));
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

function pass(asked: IncomingMessage, answer: ServerResponse, authority: string): void {
  if (asked.url === TAP_PATH) {
    answer.setHeader("content-type", "text/javascript").end(TAP);
    return;
  }
  const [host, port] = authority.split(":");
  const passed = request({ host, port, method: asked.method, path: asked.url, headers: asked.headers }, (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers);
    given.pipe(answer);
  });
  passed.on("error", () => answer.destroy());
  asked.pipe(passed);
}
