import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { ClientError } from "../../../src/client/errors.ts";
import { type TlsFlags, tlsOfFlags } from "../../../src/client/subscription-flags/tls-flags.ts";
import { Certificates } from "../../fixtures/certificates.ts";

const certificates = await Certificates.create();
t.teardown(() => certificates[Symbol.asyncDispose]());
const own = await certificates.issue("shop.example");
const other = await certificates.issue("other.example");
const pair = { tlsCert: own.certPath, tlsKey: own.keyPath };
const ca = certificates.ca.certPath;

function read(flags: Partial<TlsFlags>) {
  const problems: ClientError[] = [];
  const plan = tlsOfFlags({ tlsVerify: "pin", ...flags }, problems);
  return { ...plan, problems: problems.map(({ message, hint }) => `${message} / ${hint}`) };
}

void t.test("files of this machine are sent as they are, files of the pod by name", async (t) => {
  t.same(read({}), { settings: null, warnings: [], problems: [] });
  t.same(read({ ...pair, tlsKey: "pod:/tls/tls.key", tlsVerify: "ca", tlsCa: ca, tlsClientCa: ca }), {
    settings: {
      shown: { certificate: { pem: own.cert }, key: { podPath: "/tls/tls.key" } },
      verify: "ca",
      ca: { pem: certificates.ca.cert },
      serverName: null,
      callers: { ask: "require", ca: { pem: certificates.ca.cert } },
      toApp: null,
    },
    warnings: [],
    problems: [],
  });
});

void t.test("every problem is told with what to do about it, and nothing of a file", async (t) => {
  const missing = join(certificates.path, "nowhere");
  const large = join(certificates.path, "large");
  writeFileSync(large, Buffer.alloc(128 * 1024 + 1));
  const encrypted = await certificates.encrypted(own);
  for (const [flags, ...expected] of [
    [{ tlsCert: own.certPath }, "--tls-cert without --tls-key / "],
    [{ tlsKey: own.keyPath }, "--tls-key without --tls-cert / "],
    [
      { ...pair, tlsCert: missing },
      `--tls-cert: ${missing} cannot be read: there is no such file / A file of the pod`,
    ],
    [{ ...pair, tlsKey: certificates.path }, "cannot be read: it is not a regular file / "],
    [{ ...pair, tlsKey: large }, "cannot be read: it is larger than 131072 bytes / "],
    [{ ...pair, tlsKey: other.keyPath }, "does not belong to the certificate / "],
    [{ ...pair, tlsKey: encrypted }, "is encrypted / The agent has nobody to ask"],
    [{ ...pair, tlsCert: own.keyPath }, "holds no certificate in PEM / It begins with"],
    [{ ...pair, tlsCert: "pod:tls.crt" }, "--tls-cert: pod:tls.crt is no path in the pod / "],
    [{ ...pair, tlsVerify: "ca" }, "--tls-verify ca without an authority / Add --tls-ca"],
    [{ ...pair, tlsCa: ca }, "--tls-ca means nothing with --tls-verify pin / "],
    [{ ...pair, tlsClientAuth: "request" }, "--tls-client-auth without an authority / "],
    [{ ...pair, tlsClientCa: own.keyPath }, "--tls-client-ca: "],
    [{ tlsCa: ca }, "--tls-ca means nothing without a certificate / Add --tls-cert"],
    [
      { ...pair, tlsCert: missing, tlsAppCert: missing },
      "--tls-cert: ",
      "--tls-app-cert without --tls-app-key",
    ],
  ] as const) {
    const { problems } = read(flags);
    t.equal(problems.length, expected.length, problems.join("\n"));
    for (const [index, text] of expected.entries())
      t.ok(problems[index]?.includes(text), `${problems[index]} / ${text}`);
    t.notMatch(problems.join(), own.key.split("\n")[1] ?? "");
  }
});

void t.test("a certificate that has expired is a warning", async (t) => {
  const old = await certificates.issue("old.example", { days: -1 });
  const { warnings, problems } = read({ tlsCert: old.certPath, tlsKey: old.keyPath });
  t.match(warnings, [/old\.example\.pem has expired; callers who look will refuse it/]);
  t.same(problems, []);
});
