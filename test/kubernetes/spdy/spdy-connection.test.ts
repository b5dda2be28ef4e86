import { once } from "node:events";
import { Duplex } from "node:stream";
import t from "tap";
import { controlFrame, controlType, dataHead } from "../../../src/kubernetes/spdy/frame.ts";
import { SpdyConnection } from "../../../src/kubernetes/spdy/spdy-connection.ts";

/** A connection whose other end is the test. */
function createPair() {
  const written: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk);
      done();
    },
  });
  const closed = Promise.withResolvers<Error | undefined>();
  const connection = new SpdyConnection({ socket, head: Buffer.alloc(0), onClose: closed.resolve });
  return {
    socket,
    connection,
    written,
    closed: closed.promise,
    send: (bytes: Buffer) => void socket.push(bytes),
  };
}

function data(stream: number, text: string, isLast = false): Buffer {
  return Buffer.concat([dataHead(stream, text.length, isLast), Buffer.from(text)]);
}

function open(connection: SpdyConnection) {
  const heard: string[] = [];
  const ended = Promise.withResolvers<void>();
  const stream = connection.open(
    { streamtype: "data" },
    { onData: (bytes) => heard.push(bytes.toString()), onEnd: ended.resolve },
  );
  return { stream, heard, ended: ended.promise };
}

void t.test("frames may be cut anywhere, also byte by byte; each stream hears its own", async (t) => {
  const { connection, send } = createPair();
  const [one, two] = [open(connection), open(connection)];
  await Promise.all([one.stream, two.stream]);
  const bytes = Buffer.concat([
    data(1, "hello "),
    data(3, "other"),
    data(1, "world", true),
    data(3, "", true),
  ]);
  for (const byte of bytes) send(Buffer.of(byte));
  await Promise.all([one.ended, two.ended]);
  t.equal(one.heard.join(""), "hello world");
  t.equal(two.heard.join(""), "other");
  connection.destroy();
});

void t.test(
  "streams are opened with odd numbers, in the order of the calls, and write data frames",
  async (t) => {
    const { connection, written } = createPair();
    const [one, two] = [open(connection), open(connection)];
    const stream = await one.stream;
    await two.stream;
    const ids = written.filter((frame) => frame[0] === 0x80).map((frame) => frame.readUInt32BE(8));
    t.same(ids, [1, 3]);
    written.length = 0;
    const sent = Promise.withResolvers<void>();
    stream.write(Buffer.from("abc"), () => sent.resolve());
    await sent.promise;
    stream.end();
    t.same(Buffer.concat(written), Buffer.concat([data(1, "abc"), data(1, "", true)]));
    connection.destroy();
  },
);

void t.test("the server's pings are answered, and its own answers are not", async (t) => {
  const { connection, written, send } = createPair();
  send(controlFrame(controlType.ping, Buffer.of(0, 0, 0, 2)));
  send(controlFrame(controlType.ping, Buffer.of(0, 0, 0, 3)));
  const one = open(connection);
  await one.stream;
  send(data(1, "", true));
  await one.ended;
  const pings = written.filter((frame) => frame[0] === 0x80 && frame[3] === controlType.ping);
  t.same(pings, [controlFrame(controlType.ping, Buffer.of(0, 0, 0, 2))]);
  connection.destroy();
});

void t.test("a reset stream has ended", async () => {
  const { connection, send } = createPair();
  const one = open(connection);
  await one.stream;
  send(controlFrame(controlType.reset, Buffer.of(0, 0, 0, 1, 0, 0, 0, 5)));
  await one.ended;
  connection.destroy();
});

void t.test(
  "what is no SPDY, and a control frame without a bound, is the end of the connection",
  async (t) => {
    const http = createPair();
    http.send(Buffer.from([0x80, 0x09, 0, 1, 0, 0, 0, 0]));
    t.match(await http.closed, { message: /SPDY version 9/ });
    const huge = createPair();
    huge.send(Buffer.from([0x80, 0x03, 0, controlType.settings, 0, 0xff, 0xff, 0xff]));
    t.match(await huge.closed, { message: /control frame of 16777215 bytes/ });
  },
);

void t.test("a reader that is behind holds the whole connection back", async (t) => {
  const { connection, socket, send } = createPair();
  const one = open(connection);
  await one.stream;
  connection.pause();
  t.ok(socket.isPaused());
  send(data(1, "late", true));
  t.same(one.heard, []);
  connection.resume();
  await one.ended;
  t.same(one.heard, ["late"]);
  connection.destroy();
  await once(socket, "close");
});
