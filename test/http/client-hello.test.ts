import { execFile, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import t from "tap";
import {
  alpnNames,
  type ClientHello,
  MAX_CLIENT_HELLO_BYTES,
  readClientHello,
} from "../../src/http/index.ts";
import { seededRandom } from "../fixtures/byte-splits.ts";

/** What a client sends first, before anybody answers. */
async function firstBytes(start: (port: number) => { destroy(): void }): Promise<Buffer> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = start((server.address() as AddressInfo).port); // A TCP server's address is no string.
  const [socket] = await once(server, "connection");
  let bytes = Buffer.alloc(0);
  while (readClientHello(bytes, 0, bytes.length) === "more") {
    const [chunk] = await once(socket, "data");
    bytes = Buffer.concat([bytes, chunk]);
  }
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

const ofNode = (options: ConnectionOptions) =>
  firstBytes((port) => {
    const socket = connect({ host: "127.0.0.1", port, ...options });
    socket.on("error", () => undefined); // It is cut before it is answered.
    return socket;
  });

const ofOpenssl = (...options: string[]) =>
  firstBytes((port) => {
    const args = ["s_client", "-connect", `127.0.0.1:${port}`, ...options];
    const child: ChildProcess = execFile("openssl", args, () => undefined);
    return { destroy: () => child.kill() };
  });

const read = (bytes: Buffer) => readClientHello(bytes, 0, bytes.length);
const asText = (hello: ClientHello | string) =>
  typeof hello === "string"
    ? hello
    : [hello.serverName, alpnNames(hello.alpn).join(), hello.newestVersion.toString(16)].join(" ");

/** The same message in records of other sizes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const piece = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  return Buffer.concat(records);
}

void t.test("a ClientHello of node:tls or openssl gives its name, protocols and version", async (t) => {
  const node = { servername: "shop.example", ALPNProtocols: ["h2", "http/1.1"] };
  t.equal(asText(read(await ofNode(node))), "shop.example h2,http/1.1 304");
  t.equal(asText(read(await ofNode({ ...node, maxVersion: "TLSv1.2" }))), "shop.example h2,http/1.1 303");
  t.equal(asText(read(await ofNode({}))), "  304");
  t.equal(asText(read(await ofOpenssl("-servername", "a.b", "-alpn", "h2,x", "-tls1_3"))), "a.b h2,x 304");
  t.equal(asText(read(await ofOpenssl("-noservername", "-tls1_2", "-alpn", "mqtt"))), " mqtt 303");
});

void t.test("it is whole at its last byte and no sooner, in whatever records it lies", async (t) => {
  const hello = await ofNode({ servername: "shop.example", ALPNProtocols: ["h2"] });
  for (const size of [1, 3, 4, 7, 100, 16_384]) {
    const bytes = inRecords(hello, size);
    for (let length = 0; length < bytes.length; length++)
      if (readClientHello(bytes, 0, length) !== "more") t.fail(`${length} of ${bytes.length}, ${size}`);
    t.equal(asText(read(bytes)), "shop.example h2 304");
    const within = Buffer.concat([Buffer.from("xx"), bytes, Buffer.from("more")]);
    t.equal(asText(readClientHello(within, 2, within.length)), "shop.example h2 304");
  }
});

void t.test("what cannot become a ClientHello is refused at once", async (t) => {
  const hello = await ofNode({ servername: "shop.example" });
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(hello);
    bytes[at] = value;
    return bytes;
  };
  t.equal(read(Buffer.from([22, 3, 1, 0, 0])), "not-client-hello", "an empty record");
  t.equal(read(Buffer.from([22, 3, 1, 0x40, 1])), "not-client-hello", "a record of more than 2^14 bytes");
  t.equal(read(Buffer.from([22, 3, 1, 0, 9, 2])), "not-client-hello", "another message");
  t.equal(read(Buffer.from([22, 3, 1, 0, 9, 1, 1, 0, 0])), "not-client-hello", "a message of 64 KB");
  t.equal(read(Buffer.from([23])), "not-client-hello", "another record");
  t.equal(read(changed(43, 33)), "not-client-hello", "a session id of more than 32 bytes");
  t.equal(read(changed(5 + 2, (hello[7] ?? 0) - 1)), "not-client-hello", "a message of another length");
  const twoTypes = Buffer.concat([inRecords(hello, 50).subarray(0, 55), Buffer.from([21, 3, 1, 0, 2, 1, 0])]);
  t.equal(read(twoTypes), "not-client-hello", "an alert within");
  const tiny = inRecords(
    Buffer.concat([Buffer.alloc(5), Buffer.from([1, 0, 0xff, 0]), Buffer.alloc(60_000)]),
    1,
  );
  t.equal(readClientHello(tiny, 0, MAX_CLIENT_HELLO_BYTES - 1), "more");
  t.equal(readClientHello(tiny, 0, MAX_CLIENT_HELLO_BYTES), "not-client-hello", "more than is held");
});

void t.test("no bytes make it throw, and damage never makes it wait for ever", async (t) => {
  const random = seededRandom(7);
  const hello = await ofNode({ servername: "shop.example", ALPNProtocols: ["h2", "http/1.1"] });
  const seen = new Map<string, number>();
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(hello);
    for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const cut = random() < 0.5 ? bytes.length : Math.floor(random() * bytes.length);
    const outcome = read(bytes.subarray(0, cut));
    const kind = typeof outcome === "string" ? outcome : "hello";
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    if (typeof outcome !== "string") alpnNames(outcome.alpn);
  }
  t.same([...seen.keys()].toSorted(), ["hello", "more", "not-client-hello"]);
  for (let round = 0; round < 5_000; round++) {
    const bytes = Buffer.from(Array.from({ length: 5 + Math.floor(random() * 80) }, () => random() * 256));
    bytes.set([22, 3, 1, 0, bytes.length - 5, 1, 0, 0, bytes.length - 9].slice(0, bytes.length));
    read(bytes);
  }
});
