import { once } from "node:events";
import { connect } from "node:net";
import t from "tap";
import { Inspector } from "../../../../src/client/inspector/inspector.ts";
import { InspectorServer } from "../../../../src/client/inspector/server/inspector-server.ts";
import { InspectorClient } from "../../../fixtures/inspector-client.ts";

const files = new Map([
  ["/", { bytes: Buffer.from("<!doctype html>"), type: "text/html; charset=utf-8", isHashed: false }],
  [
    "/index.html",
    { bytes: Buffer.from("<!doctype html>"), type: "text/html; charset=utf-8", isHashed: false },
  ],
  [
    "/assets/main-a1b2c3d4.js",
    { bytes: Buffer.from("1"), type: "text/javascript; charset=utf-8", isHashed: true },
  ],
]);

async function serve(about: { files?: typeof files } = {}) {
  await using stack = new AsyncDisposableStack();
  const inspector = stack.use(new Inspector({ version: "1", target: "netns:shop", last: 0 }));
  const server = stack.use(await InspectorServer.listen(inspector, { port: 0, files: about.files ?? files }));
  const page = stack.use(new InspectorClient(server.url));
  const owned = stack.move();
  return { inspector, server, page, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

void t.test("who does not know the token gets nothing but a page that says so", async (t) => {
  await using served = await serve();
  const { page } = served;
  for (const headers of [
    { authorization: "" },
    { authorization: "Bearer wrong" },
    { authorization: `Basic ${page.token}` },
  ])
    for (const path of [
      "/api/state",
      "/api/live",
      "/api/har",
      "/api/requests/1",
      `/api/state?token=${page.token}`,
    ]) {
      const { status, bytes } = await page.raw("GET", path, { headers });
      t.equal(status, 403, path);
      t.match(JSON.parse(bytes.toString()), { error: /token/, hint: /URL/ });
    }
  const bare = await page.raw("GET", "/", { headers: { authorization: "" } });
  t.equal(bare.status, 403);
  t.match(bare.bytes.toString(), /Open the URL that magpie has printed/);
  t.equal((await page.raw("GET", "/?token=wrong", { headers: { authorization: "" } })).status, 403);
  t.equal((await page.raw("GET", `/?token=${page.token}`, { headers: { authorization: "" } })).status, 200);
  t.match(page.token, /^[\w-]{43}$/, "32 random bytes");
});

void t.test("a name that leads here by DNS rebinding is not served", async (t) => {
  await using served = await serve();
  const { page, server } = served;
  for (const host of [
    "evil.example",
    `evil.example:${server.port}`,
    "127.0.0.1",
    "127.0.0.1:1",
    `127.0.0.1.nip.io:${server.port}`,
  ])
    for (const path of ["/api/state", `/?token=${page.token}`, "/assets/main-a1b2c3d4.js"])
      t.equal((await page.raw("GET", path, { headers: { host } })).status, 421, `${host} ${path}`);
  for (const host of [`127.0.0.1:${server.port}`, `localhost:${server.port}`, `[::1]:${server.port}`])
    t.equal((await page.raw("GET", "/api/state", { headers: { host } })).status, 200, host);
});

void t.test("another site may not have a browser ask, even with the token", async (t) => {
  await using served = await serve();
  const { page, server } = served;
  const own = `http://127.0.0.1:${server.port}`;
  const refused: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `https://127.0.0.1:${server.port}` },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: own },
    { "sec-fetch-site": "none" },
  ];
  for (const headers of refused)
    for (const [method, path] of [
      ["GET", "/api/state"],
      ["POST", "/api/clear"],
      ["PUT", "/api/holding"],
    ] as const) {
      const answer = await page.raw(method, path, { headers });
      t.equal(answer.status, 403, JSON.stringify(headers));
      t.notOk(Object.keys(answer.headers).some((name) => name.startsWith("access-control-")));
    }
  t.equal(
    (await page.raw("GET", "/api/state", { headers: { origin: own, "sec-fetch-site": "same-origin" } }))
      .status,
    200,
  );
  t.equal(
    (await page.raw("OPTIONS", "/api/state", { headers: { origin: "https://evil.example" } })).status,
    403,
  );
});

void t.test("every answer forbids scripts of others, frames and guesses of type", async (t) => {
  await using served = await serve();
  const { page } = served;
  for (const path of [
    `/?token=${page.token}`,
    "/",
    "/api/state",
    "/nothing",
    "/api/nothing",
    "/assets/main-a1b2c3d4.js",
  ]) {
    const { headers } = await page.raw("GET", path);
    t.match(
      headers["content-security-policy"],
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    t.equal(headers["x-content-type-options"], "nosniff");
    t.equal(headers["referrer-policy"], "no-referrer");
    t.equal(headers["cross-origin-resource-policy"], "same-origin");
    t.equal(headers["cross-origin-opener-policy"], "same-origin");
  }
});

void t.test("no path leads out of the page's files", async (t) => {
  await using served = await serve();
  const { page } = served;
  for (const path of [
    "/../package.json",
    "/..%2f..%2fpackage.json",
    "/assets/../../package.json",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/assets/%00",
    "/constructor",
    "/__proto__",
  ])
    t.ok([400, 403, 404].includes((await page.raw("GET", path)).status), path);
  const script = await page.raw("GET", "/assets/main-a1b2c3d4.js");
  t.match([script.status, script.headers["content-type"]], [200, "text/javascript; charset=utf-8"]);
  t.match(script.headers["cache-control"], /immutable/);
});

void t.test("what is too large, of a wrong form or unknown is refused with a word", async (t) => {
  await using served = await serve();
  const { page } = served;
  const json = { "content-type": "application/json" };
  const huge = Buffer.alloc(13 * 1024 * 1024, 0x20);
  const large = await page
    .raw("POST", "/api/send", { headers: json, body: huge })
    .catch(() => ({ status: 413 }));
  t.equal(large.status, 413);
  for (const [method, path, body, status] of [
    ["POST", "/api/send", "{", 400],
    ["POST", "/api/send", "[]", 400],
    ["POST", "/api/send", '{"to":"local"}', 400],
    ["POST", "/api/filter/preview", '{"port":-1,"filter":null}', 400],
    ["PUT", "/api/filter", '{"port":80,"filter":"path =="}', 400],
    ["PUT", "/api/filter", '{"port":80,"filter":null}', 409],
    ["PUT", "/api/holding", '{"isOn":"yes"}', 400],
    ["PUT", "/api/holding", '{"isOn":true,"filter":null}', 409],
    ["POST", "/api/har", "{}", 400],
    ["POST", "/api/requests/1/replay", '{"to":"local"}', 404],
    ["POST", "/api/requests/1/release", "", 404],
    ["POST", "/api/descriptors?name=a.proto", "message {", 400],
    ["POST", "/api/descriptors/reflect", "", 409],
    ["DELETE", "/api/state", "", 405],
    ["GET", "/api/requests/x", "", 400],
    ["GET", "/api/requests/1/body?of=request", "", 404],
    ["GET", "/api/constructor", "", 404],
    ["GET", "/api/live?after=x", "", 400],
    ["GET", "/api/matching?filter=path%20==", "", 400],
  ] as const) {
    const answer = await page.raw(method, path, { headers: json, body });
    t.equal(answer.status, status, `${method} ${path} ${body}: ${answer.bytes.toString()}`);
    t.type((JSON.parse(answer.bytes.toString()) as { error: unknown }).error, "string");
  }
  const form = await page.raw("POST", "/api/send", { headers: { "content-type": "text/plain" }, body: "{}" });
  t.equal(form.status, 415);
});

void t.test("pages that look at the same time are bounded, and what no HTTP is is cut", async (t) => {
  await using served = await serve();
  const { page, server } = served;
  const pages = Array.from({ length: 16 }, () => new InspectorClient(page.url.href));
  for (const one of pages) one.follow();
  for (const one of pages) while (one.state === undefined) await new Promise((done) => setTimeout(done, 5));
  t.equal((await page.raw("GET", "/api/live?after=0")).status, 429);
  for (const one of pages) one.stop();
  const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
  socket.write("\x16\x03\x01 no HTTP\r\n\r\n");
  await once(socket, "close");
});

void t.test("without its page it says how that is built", async (t) => {
  await using served = await serve({ files: new Map() });
  const { page } = served;
  const { status, bytes } = await page.raw("GET", `/?token=${page.token}`);
  t.equal(status, 200);
  t.match(bytes.toString(), /npm run bundle/);
});
