import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { promisify } from "node:util";
import t from "tap";
import { asCurl, type SaidRequest } from "../../../src/client/inspector/as-curl.ts";

const plain: SaidRequest = {
  method: "GET",
  target: "/",
  host: "shop.test",
  scheme: "http",
  isHttp2: false,
  headers: [],
  body: Buffer.alloc(0),
  bodyFile: "request.bin",
};

void t.test("curl says the very request again: line, fields and content", async (t) => {
  const heard: Buffer[] = [];
  const server = createServer((socket: Socket) => {
    socket.on("data", (chunk: Buffer) => {
      heard.push(chunk);
      if (Buffer.concat(heard).includes("it's")) socket.end("HTTP/1.1 204 No Content\r\n\r\n");
    });
  });
  t.teardown(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  // A listener on TCP has an address and a port.
  const { port } = server.address() as AddressInfo;
  const command = asCurl({
    ...plain,
    method: "PUT",
    target: "/a/../b%20c?x={1}&y='$HOME`id`",
    host: `127.0.0.1:${port}`,
    headers: [
      ["Host", `127.0.0.1:${port}`],
      ["X-Quote", 'it\'s "so" $(touch nothing)'],
      ["X-Empty", ""],
      ["Content-Length", "99"],
    ],
    body: Buffer.from('@not-a-file\nit\'s\t"here"'),
  });
  await promisify(execFile)("sh", ["-c", `${command} --silent`]);
  const [head = "", body] = Buffer.concat(heard).toString().split("\r\n\r\n");
  t.same(head.split("\r\n"), [
    "PUT /a/../b%20c?x={1}&y='$HOME`id` HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    'X-Quote: it\'s "so" $(touch nothing)',
    "X-Empty:",
    "Content-Length: 23",
  ]);
  t.equal(body, '@not-a-file\nit\'s\t"here"');
});

void t.test("content that no shell can say comes from a file", async (t) => {
  const command = asCurl({
    ...plain,
    method: "POST",
    body: Buffer.from([0, 1, 2, 0xff]),
    bodyFile: "it's.bin",
  });
  t.match(command, "--data-binary '@it'\\''s.bin'");
});

void t.test("a target that is no path is said as it is", async (t) => {
  t.match(
    asCurl({ ...plain, method: "OPTIONS", target: "*" }),
    "--request-target '*' \\\n  http://shop.test/",
  );
});
