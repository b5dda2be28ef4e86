import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Certificates } from "../fixtures/certificates.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Scene } from "../fixtures/scene.ts";
import { pattern, startTlsApp, sumOf } from "../fixtures/tls-app.ts";
import { until } from "../fixtures/until.ts";

const NAME = "shop.example";
const MINE = ["-H", "x-tenant: blue"];
const filter = ["--header", "^x-tenant: blue$", "--trace"];
const LARGE_BYTES = 12_000_000;

/** A pod whose app speaks TLS on 443, and a local program. */
async function stage(
  label: string,
  app: { http2?: boolean; requestCert?: boolean; rejectUnauthorized?: boolean; maxVersion?: "TLSv1.2" } = {},
) {
  const stack = new AsyncDisposableStack();
  const certificates = stack.use(await Certificates.create());
  const scene = stack.use(await Scene.create({ label }));
  const own = await certificates.issue(NAME);
  const { made } = scene;
  const tlsApp = stack.use(
    await startTlsApp({
      namespace: made.pod,
      port: 443,
      app: { http2: true, cert: own.cert, key: own.key, ca: certificates.ca.cert, ...app },
    }),
  );
  const local = stack.use(await HttpApp.start({ name: "local", host: "127.0.0.1" }));
  const given = ["--tls-cert", own.certPath, "--tls-key", own.keyPath];
  const port = ["--port", `443:${local.port}`];
  const curl = (path: string, ...more: string[]) =>
    made.client.run(
      ...(["curl", "-sS", "--max-time", "15", "--cacert", certificates.ca.certPath] as const),
      ...["--resolve", `${NAME}:443:${made.pod.address4}`, `https://${NAME}${path}`, ...more],
    );
  return {
    certificates,
    scene,
    made,
    own,
    tlsApp,
    local,
    given,
    curl,
    steal: (...args: string[]) => scene.steal(...port, ...args),
    /** What curl reads, as a hash. */
    sum: async (path: string, ...more: string[]) => {
      const command = ["curl", "-sS", "--max-time", "20", "--cacert", certificates.ca.certPath];
      const to = ["--resolve", `${NAME}:443:${made.pod.address4}`, `https://${NAME}${path}`, ...more];
      const quoted = [...command, ...to].map((word) => `'${word}'`).join(" ");
      const { stdout } = await made.client.run("sh", "-c", `${quoted} | sha256sum`);
      return stdout.split(" ")[0];
    },
    /** SHA-256 of the certificate that a client is shown. */
    async fingerprint(): Promise<string> {
      const command = `openssl s_client -connect ${made.pod.address4}:443 -servername ${NAME} </dev/null 2>/dev/null`;
      const shown = await made.client.run(
        "sh",
        "-c",
        `${command} | openssl x509 -noout -fingerprint -sha256`,
      );
      return shown.stdout;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

void t.test("TLS with the app's certificate", async (t) => {
  await using s = await stage("tls");
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
  await using s = await stage("tlsno");
  await using steal = await s.steal(...filter);
  const answer = await s.curl("/who", "--http2", ...MINE);
  t.same([answer.code, answer.stdout], [0, "app"], answer.stderr);
  const why = `tls: ${NAME} (alpn h2, http/1.1) passes unread: no certificate was given (--tls-cert, --tls-key)`;
  await steal.decided(({ verdict, reason }) => verdict === "opaque" && reason === why);
  t.match(await steal.event("notice"), { code: "tls-unread", message: `port 443: ${why}` });
});

void t.test("TLS on a port that is stolen without a filter", async (t) => {
  await using s = await stage("tlsall");
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

void t.test("an app that does not agree to be read in between has its callers to itself", async (t) => {
  await t.test("with another certificate than the given one", async (t) => {
    await using s = await stage("tlspin");
    const before = await s.fingerprint();
    const other = await s.certificates.issue(NAME);
    await using steal = await s.steal(...filter, "--tls-cert", other.certPath, "--tls-key", other.keyPath);
    const answer = await s.curl("/who", ...MINE);
    t.same([answer.code, answer.stdout], [0, "app"], answer.stderr);
    t.equal(await s.fingerprint(), before);
    await steal.decided(({ reason }) => reason.includes("the app's certificate is not the one given"));
    t.match(await steal.event("notice"), { code: "tls-unread" });
  });

  for (const maxVersion of ["TLSv1.2", undefined] as const)
    for (const rejectUnauthorized of [true, false])
      await t.test(
        `that asks for a client's certificate (${maxVersion ?? "TLSv1.3"}, ${rejectUnauthorized})`,
        async (t) => {
          const version = maxVersion === undefined ? {} : { maxVersion };
          await using s = await stage("tlsask", { requestCert: true, rejectUnauthorized, ...version });
          const mine = await s.certificates.issue("caller", { isClient: true });
          await using steal = await s.steal(...filter, ...s.given);
          const answer = await s.curl("/who", ...MINE, "--cert", mine.certPath, "--key", mine.keyPath);
          t.same([answer.code, answer.stdout], [0, "app"], answer.stderr);
          t.match(s.tlsApp.output(), / caller$/m, "the app has seen the caller's certificate");
          await steal.decided(
            ({ reason }) => reason.startsWith(`tls: ${NAME}`) && reason.includes("passes unread"),
          );
        },
      );
});

void t.test("client certificates on both sides: the caller's ends here, ours goes to the app", async (t) => {
  await using s = await stage("tlsmutual", { requestCert: true, rejectUnauthorized: true });
  const [caller, agent] = [
    await s.certificates.issue("caller", { isClient: true }),
    await s.certificates.issue("magpie", { isClient: true }),
  ];
  const both = ["--tls-client-ca", s.certificates.ca.certPath, "--tls-app-cert", agent.certPath];
  await using steal = await s.steal(...filter, ...s.given, ...both, "--tls-app-key", agent.keyPath);
  const shown = ["--cert", caller.certPath, "--key", caller.keyPath];
  const original = await s.curl("/who", ...shown);
  t.same([original.code, original.stdout], [0, "app"], original.stderr);
  t.match(s.tlsApp.output(), / magpie$/m);
  t.match(JSON.parse((await s.curl("/who", ...shown, ...MINE)).stdout), { who: "local" });
  t.not((await s.curl("/who")).code, 0, "a caller without one is refused");
  await using others = await Certificates.create();
  const stranger = await others.issue("stranger", { isClient: true });
  const wrong = await s.curl("/who", "--cert", stranger.certPath, "--key", stranger.keyPath);
  t.not(wrong.code, 0, "and one whom nobody vouches for");
  await steal.decided(({ reason }) => reason.includes("is not read: the handshake with the caller failed"));
});

void t.test("--tls-verify ca takes another certificate of the same name, and no other", async (t) => {
  await using s = await stage("tlsca");
  const other = await s.certificates.issue(NAME);
  const pair = ["--tls-cert", other.certPath, "--tls-key", other.keyPath];
  const byCa = ["--tls-verify", "ca", "--tls-ca", s.certificates.ca.certPath];
  {
    await using steal = await s.steal(...filter, ...pair, ...byCa);
    t.match(JSON.parse((await s.curl("/who", ...MINE)).stdout), { who: "local" });
    t.equal((await s.curl("/who")).stdout, "app");
    t.ok(steal);
  }
  await using steal = await s.steal(...filter, ...pair, ...byCa, "--tls-server-name", "other.example");
  t.equal((await s.curl("/who", ...MINE)).stdout, "app");
  await steal.decided(({ reason }) => reason.includes("the app's certificate does not verify"));
});

void t.test("an app without HTTP/2 decides the protocol; stolen requests outlive the app", async (t) => {
  await using s = await stage("tlsh1", { http2: false });
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
  await using s = await stage("tlspod");
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
