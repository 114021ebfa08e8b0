import assert from "node:assert/strict";
import { test } from "node:test";
import { realtimeUrl, subprotocols } from "../src/connection/address.js";
import { backoffMs } from "../src/connection/backoff.js";
import { Connection, type ConnectionState } from "../src/connection/connection.js";
import { encodeFrame } from "../src/media/frame.js";
import { FakeEnvironment } from "./fake-environment.js";

const CREATED = {
  type: "session.created",
  event_id: "event_1",
  session: { id: "sess_1", bedside: { resume: { token: "t1", ttl_ms: 30_000 } } },
};

function connect(options: object = {}) {
  const environment = new FakeEnvironment();
  const connection = new Connection({ url: "ws://host/v1", ...options }, environment);
  const states: ConnectionState["name"][] = [];
  connection.observe("state", ({ name }) => states.push(name));
  return { environment, connection, states };
}

function connected(options: object = {}) {
  const all = connect(options);
  all.environment.socket.onopen?.();
  all.environment.socket.say(CREATED);
  return all;
}

test("addresses and subprotocols", () => {
  const target = { url: "https://host/v1/", model: "intake 2", key: "ek_1" };
  assert.equal(realtimeUrl(target), "wss://host/v1/realtime?model=intake+2");
  assert.equal(
    realtimeUrl({ url: "ws://host/v1" }, { token: "t&", lastEventId: "e" }),
    "ws://host/v1/realtime?resume=t%26&last_event_id=e",
  );
  assert.equal(
    realtimeUrl({ url: "ws://host/v1" }, { token: "t", unheard: "repeat" }),
    "ws://host/v1/realtime?resume=t&unheard=repeat",
  );
  assert.deepEqual(subprotocols(target), ["realtime", "openai-insecure-api-key.ek_1"]);
  assert.deepEqual(subprotocols({ url: "" }), ["realtime"]);
});

test("nothing is sent into a socket that is being closed", () => {
  const { environment, connection } = connected();
  const before = environment.socket.sent.length;
  environment.socket.readyState = 2;
  assert.equal(connection.sendFrame(new ArrayBuffer(16)), false);
  assert.equal(connection.send({ type: "response.create" }), false);
  assert.equal(environment.socket.sent.length, before);
});

test("waits double up to a limit and are spread", () => {
  assert.deepEqual(
    [0, 1, 2, 10].map((n) => backoffMs(n, 1)),
    [250, 500, 1_000, 4_000],
  );
  assert.equal(backoffMs(2, 0), 500);
});

test("the session asked for is the first thing said", () => {
  const session = { type: "realtime", bedside: { media: "binary" } };
  const { environment } = connected({ session });
  assert.equal(environment.socket.binaryType, "arraybuffer");
  assert.deepEqual(
    environment.socket.sent.map((text) => JSON.parse(text as string)),
    [{ type: "session.update", session }],
  );
});

test("events reach those who asked for their type, until they no longer do", () => {
  const { environment, connection } = connected();
  const words: string[] = [];
  const stop = connection.on("response.output_text.delta", ({ delta }) => words.push(delta));
  const say = (delta: string) => environment.socket.say({ type: "response.output_text.delta", event_id: "e", delta });
  say("one");
  environment.socket.say({ type: "rate_limits.updated", event_id: "e", rate_limits: [] });
  stop();
  say("two");
  assert.deepEqual(words, ["one"]);
});

test("events that share a shape are told apart", () => {
  const { environment, connection } = connect();
  const names: ("session.created" | "session.updated")[] = [];
  connection.on("session.created", ({ type, session }) => names.push(type) && session.id);
  connection.on("session.updated", ({ type }) => names.push(type));
  environment.socket.say({ ...CREATED, type: "session.updated" });
  environment.socket.say(CREATED);
  assert.deepEqual(names, ["session.updated", "session.created"]);
});

test("frames are decoded, and what is neither is told", () => {
  const { environment, connection } = connected();
  const seen: string[] = [];
  connection.observe("frame", ({ payload }) => seen.push(`frame ${payload.length}`));
  connection.observe("unreadable", ({ reason }) => seen.push(reason.slice(0, 14)));
  const frame = encodeFrame(
    { kind: "audio", codec: "pcm16", sampleRate: 24_000, sequence: 0, timeUs: 0 },
    new Uint8Array(960),
  );
  environment.socket.onmessage?.({ data: frame });
  environment.socket.onmessage?.({ data: new ArrayBuffer(3) });
  for (const data of ["{", "7", "null", '{"type":"x"}']) environment.socket.onmessage?.({ data });
  assert.deepEqual(seen, ["frame 960", "a media frame ", ...Array<string>(4).fill("a text message")]);
});

test("nothing is sent before the socket is open, and media not while too much waits", () => {
  const { environment, connection } = connect({ mostBufferedBytes: 100 });
  assert.equal(connection.send({ type: "response.create" }), false);
  assert.equal(connection.sendFrame(new ArrayBuffer(16)), false);
  environment.socket.onopen?.();
  environment.socket.bufferedAmount = 101;
  assert.equal(connection.sendFrame(new ArrayBuffer(16)), false);
  assert.equal(connection.send({ type: "response.create" }), true);
  environment.socket.bufferedAmount = 100;
  assert.equal(connection.sendFrame(new ArrayBuffer(16)), true);
  assert.equal(connection.droppedFrames, 1);
  assert.equal(environment.socket.sent.length, 2);
});

test("a lost socket is replaced, from the last event on", () => {
  const { environment, connection, states } = connected({ session: { type: "realtime" } });
  environment.socket.say({ type: "rate_limits.updated", event_id: "event_7", rate_limits: [] });
  environment.socket.lose();
  assert.equal(connection.send({ type: "response.create" }), false);
  environment.pass(250);
  const { searchParams } = environment.socket.url;
  assert.deepEqual(
    [...searchParams],
    [
      ["resume", "t1"],
      ["last_event_id", "event_7"],
    ],
  );
  environment.socket.onopen?.();
  assert.deepEqual(connection.state, { name: "open", resumed: true });
  assert.deepEqual(environment.socket.sent, []);
  assert.deepEqual(states, ["open", "reconnecting", "open"]);
});

test("what was not heard is asked for where it is wanted", () => {
  const { environment } = connected({ unheard: "repeat" });
  environment.socket.lose();
  environment.pass(250);
  assert.equal(environment.socket.url.searchParams.get("unheard"), "repeat");
});

test("a network that takes no media for long is lost, and one that stutters is not", () => {
  const { environment, connection, states } = connected({ mostBufferedBytes: 100, stalledMs: 1_000 });
  const send = (buffered: number) => {
    environment.socket.bufferedAmount = buffered;
    connection.sendFrame(new ArrayBuffer(16));
    environment.pass(600);
  };
  send(101);
  send(101);
  send(0);
  send(101);
  send(101);
  assert.equal(connection.state.name, "open");
  send(101);
  assert.deepEqual(states, ["open", "reconnecting"]);
  assert.equal(environment.sockets.length, 2);
});

test("a socket that is let go of is not bidden farewell, for that would end the session", () => {
  const { environment, connection } = connected();
  const first = environment.socket;
  connection.reconnect();
  assert.equal(connection.state.name, "reconnecting");
  environment.pass(250);
  assert.notEqual(environment.socket, first);
  assert.equal(first.closed, null);
  connection.close();
  assert.equal(first.closed, 1000);
});

test("a new ticket replaces the one before", () => {
  const { environment } = connected();
  const session = { bedside: { resume: { token: "t2", ttl_ms: 30_000 } } };
  environment.socket.say({ type: "session.updated", event_id: "event_2", session });
  environment.socket.lose();
  environment.pass(250);
  assert.equal(environment.socket.url.searchParams.get("resume"), "t2");
});

test("a session is given up when the server no longer keeps it", () => {
  const { environment, connection } = connected();
  environment.socket.lose();
  const over = () => connection.state.name === "closed";
  for (let attempts = 0; attempts < 20 && !over(); attempts++) {
    environment.pass(4_000);
    if (!over()) environment.socket.lose();
  }
  assert.ok(over());
  assert.ok(environment.now() <= 36_000, `${environment.now()}`);
  assert.ok(environment.sockets.length > 5, `${environment.sockets.length}`);
  assert.equal(environment.pending, 0);
});

test("sockets that open without a word do not keep it alive", () => {
  const { environment, connection } = connected();
  environment.socket.lose();
  for (let attempts = 0; attempts < 400 && connection.state.name !== "closed"; attempts++) {
    environment.pass(250);
    environment.socket.onopen?.();
    environment.socket.lose();
  }
  assert.equal(connection.state.name, "closed");
});

test("a socket over which nothing had to be said kept it alive all the same", () => {
  const { environment, connection } = connected();
  for (let losses = 0; losses < 3; losses++) {
    environment.socket.lose();
    environment.pass(4_000);
    environment.socket.onopen?.();
    environment.pass(40_000);
    assert.equal(connection.state.name, "open", `after ${losses} losses`);
  }
});

test("some ends are final", () => {
  for (const code of [1000, 1001, 1008, 1009, 1011, 4000, 4001, 4003, 4004]) {
    const { environment, connection } = connected();
    environment.socket.lose(code);
    assert.deepEqual(connection.state, { name: "closed", code, reason: "" });
    assert.equal(environment.pending, 0);
  }
});

test("without a ticket, or before the first session, a loss is final", () => {
  const { environment, connection } = connect();
  environment.socket.lose();
  assert.equal(connection.state.name, "closed");
  assert.equal(environment.sockets.length, 1);
});

test("a server that does not answer is not waited for", () => {
  const { environment, connection } = connect({ connectTimeoutMs: 3_000 });
  environment.pass(2_999);
  assert.equal(connection.state.name, "connecting");
  environment.pass(1);
  assert.equal(connection.state.name, "closed");
  assert.equal(environment.socket.closed, undefined);
});

test("closing ends it for good, also while it is reconnecting", () => {
  const open = connected();
  open.connection.close();
  assert.equal(open.environment.socket.closed, 1000);
  assert.equal(open.connection.state.name, "closed");

  const lost = connected();
  lost.environment.socket.lose();
  lost.connection.close();
  lost.environment.pass(60_000);
  assert.equal(lost.environment.sockets.length, 1);
});
