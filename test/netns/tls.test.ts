import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { pattern, startTlsApp, sumOf } from "../fixtures/tls-app.ts";
import { filter, MINE, NAME, tlsStage } from "../fixtures/tls-stage.ts";
import { until } from "../fixtures/until.ts";

const LARGE_BYTES = 12_000_000;

void t.test("TLS with the app's certificate", async (t) => {
  await using s = await tlsStage("tls");
  const direct = await s.fingerprint();
  await using steal = await s.steal(...filter, ...s.given);

  for (const version of ["--http1.1", "--http2"]) {
    await t.test(`${version}: each request goes where its fields say`, async (t) => {
      const original = await s.curl("/who", version);
      t.same([original.code, original.stdout], [0, "app"], original.stderr);
      const stolen = await s.curl("/who", version, ...MINE);
      t.equal(stolen.code, 0, stolen.stderr);
      t.match(JSON.parse(stolen.stdout), { who: "local", target: "/who" });
    });

    await t.test(`${version}: large bodies arrive byte for byte, both ways`, async (t) => {
      const file = join(s.certificates.path, "large");
      writeFileSync(file, pattern(LARGE_BYTES));
      const sum = sumOf(pattern(LARGE_BYTES));
      t.equal(await s.sum(`/bytes/${LARGE_BYTES}`, version), sum, "from the app");
      t.equal((await s.curl("/sum", version, "--data-binary", `@${file}`)).stdout, sum, "to the app");
      const mine = await s.curl("/x", version, ...MINE, "--data-binary", `@${file}`);
      t.match(JSON.parse(mine.stdout), { bodyBytes: LARGE_BYTES, bodyHash: sum }, "to the local program");
      const fromLocal = await s.sum(`/bytes/${LARGE_BYTES}`, version, ...MINE);
      t.equal(fromLocal, sumOf(Buffer.alloc(LARGE_BYTES, "local")), "from the local program");
    });
  }

  await t.test("the client sees the same certificate with and without us", async (t) => {
    t.match(direct, /^sha256 Fingerprint=/i);
    t.equal(await s.fingerprint(), direct);
  });

  await t.test("the app sees the name and the protocol that the client asked for", async (t) => {
    t.equal((await s.curl("/seen", "--http2")).stdout, `${NAME} h2`);
    t.equal((await s.curl("/seen", "--http1.1")).stdout, `${NAME} http/1.1`);
    t.equal((await s.curl("/seen", "--no-alpn")).stdout, `${NAME} false`);
  });

  await t.test("a decision says that it came over TLS, to which name, by which protocol", async (t) => {
    const [h2] = await steal.decided(({ reason }) => reason.includes(`; over TLS to ${NAME}, h2`));
    const [h1] = await steal.decided(({ reason }) => reason.includes(`; over TLS to ${NAME}, http/1.1`));
    t.ok(h1 && h2);
  });

  await t.test("an answer that is cut without close_notify is cut for the client too", async (t) => {
    // curl 7.88 does not look whether TLS was ended.
    const ask = async (path: string) => {
      const request = `GET ${path} HTTP/1.1\\r\\nHost: ${NAME}\\r\\nConnection: close\\r\\n\\r\\n`;
      const client = `openssl s_client -quiet -ign_eof -connect ${s.made.pod.address4}:443 -servername ${NAME}`;
      return s.made.client.run("sh", "-c", `printf '${request}' | ${client}`);
    };
    const cut = await ask("/cut/100000");
    t.match(cut.stderr, /unexpected eof/);
    t.ok(cut.stdout.length > 50_000, "what came before is there");
    const whole = await ask("/who");
    t.notMatch(whole.stderr, /unexpected eof/);
    t.match(whole.stdout, /\r\n\r\napp$|app\r\n0\r\n\r\n$/);
  });

  await t.test("a certificate and its key are in no log and no command line", async (t) => {
    const secrets = [s.own.key, s.own.cert].map((pem) => pem.split("\n")[1] ?? "");
    const folder = s.scene.runtimeDirectory.path;
    const logs = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".log"),
    );
    t.ok(logs.length > 0);
    const texts = logs.map((name) => readFileSync(join(folder, name), "utf8"));
    texts.push(readFileSync(`/proc/${steal.agentPid}/cmdline`, "utf8"), steal.proc.output());
    for (const secret of secrets) t.notOk(texts.some((text) => text.includes(secret)));
  });

  await t.test("killed under load, it lets new connections reach the app", async (t) => {
    const busy = Promise.all(
      Array.from({ length: 4 }, () => s.curl("/bytes/30000000", "--http2", "-o", "/dev/null")),
    );
    await steal.decided(({ target }) => target === "/who");
    process.kill(steal.agentPid, "SIGKILL");
    await steal.agentGone();
    const after = await s.curl("/who", ...MINE);
    t.same([after.code, after.stdout], [0, "app"], after.stderr);
    await busy;
  });
});

void t.test("TLS without a certificate passes unread, and the session is told why", async (t) => {
  await using s = await tlsStage("tlsno");
  await using steal = await s.steal(...filter);
  const answer = await s.curl("/who", "--http2", ...MINE);
  t.same([answer.code, answer.stdout], [0, "app"], answer.stderr);
  const why = `tls: ${NAME} (alpn h2, http/1.1) passes unread: no certificate was given (--tls-cert, --tls-key)`;
  await steal.decided(({ verdict, reason }) => verdict === "opaque" && reason === why);
  t.match(await steal.event("notice"), { code: "tls-unread", message: `port 443: ${why}` });
});

void t.test("TLS on a port that is stolen without a filter", async (t) => {
  await using s = await tlsStage("tlsall");
  await t.test("without a certificate it goes to the local program as it is", async (t) => {
    await using other = await startTlsApp({ port: 0, app: { cert: s.own.cert, key: s.own.key } });
    const [, port] = await other.line(/^listening (\d+)$/);
    await using steal = await s.scene.steal("--port", `443:${port}`, "--trace");
    const answer = await s.curl("/seen", "--http1.1");
    t.same([answer.code, answer.stdout], [0, `${NAME} http/1.1`], answer.stderr);
    t.notMatch(s.tlsApp.output(), /http\/1\.1/, "the app has not seen it");
    await steal.decided(
      ({ verdict, reason }) => verdict === "stolen-raw" && reason.includes("no certificate was given"),
    );
  });

  await t.test("with a certificate requests are stolen one by one, in clear text", async (t) => {
    await using steal = await s.steal(...s.given, "--trace");
    const answer = await s.curl("/who", "--http1.1");
    t.equal(answer.code, 0, answer.stderr);
    t.match(JSON.parse(answer.stdout), { who: "local" });
    await steal.decided(({ verdict }) => verdict === "stolen");
  });
});

void t.test("an app without HTTP/2 decides the protocol; stolen requests outlive the app", async (t) => {
  await using s = await tlsStage("tlsh1", { http2: false });
  await using steal = await s.steal(...filter, ...s.given);
  t.equal((await s.curl("/seen", "--http2")).stdout, `${NAME} http/1.1`);
  t.match(JSON.parse((await s.curl("/who", "--http2", ...MINE)).stdout), { who: "local" });
  await s.tlsApp.kill();
  await until(async () => !(await s.made.pod.listens(443)), { what: "the app to be gone" });
  for (const version of ["--http1.1", "--http2"]) {
    const stolen = await s.curl("/who", version, ...MINE);
    t.equal(stolen.code, 0, stolen.stderr);
    t.match(JSON.parse(stolen.stdout), { who: "local" }, `${version}, without an app`);
    t.not((await s.curl("/who", version)).code, 0);
  }
  t.ok(steal);
});

void t.test("a certificate that lies in the pod is read there; what is wrong with it is told", async (t) => {
  await using s = await tlsStage("tlspod");
  const inPod = ["--tls-cert", `pod:${s.own.certPath}`, "--tls-key", `pod:${s.own.keyPath}`];
  {
    await using steal = await s.steal(...filter, ...inPod);
    t.match(JSON.parse((await s.curl("/who", ...MINE)).stdout), { who: "local" });
    t.ok(steal);
  }
  const missing = ["--tls-cert", `pod:${s.own.certPath}`, "--tls-key", "pod:/nowhere/tls.key"];
  await t.rejects(
    s.steal(...filter, ...missing),
    /pod:\/nowhere\/tls\.key cannot be read: there is no such file in the pod/,
  );
});
