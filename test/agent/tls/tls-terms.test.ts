import { readFileSync } from "node:fs";
import t from "tap";
import { BadCertificate, TlsTerms } from "../../../src/agent/tls/index.ts";
import type { SubscribeTls } from "../../../src/protocol/index.ts";
import { Certificates } from "../../fixtures/certificates.ts";

const certificates = await Certificates.create();
t.teardown(() => certificates[Symbol.asyncDispose]());
const own = await certificates.issue("shop.example");
const other = await certificates.issue("other.example");
const encrypted = readFileSync(await certificates.encrypted(own), "utf8");

function wanted(cert: string, key: string, more: Partial<SubscribeTls> = {}): SubscribeTls {
  const shown = { certificate: { pem: cert }, key: { pem: key } };
  return { shown, verify: "pin", ca: null, serverName: null, callers: null, toApp: null, ...more };
}

void t.test("what cannot be used is refused, with what is wrong and nothing of it", async (t) => {
  const { cert, key } = own;
  const noCa = { pem: "no authority" };
  for (const [settings, message] of [
    [wanted("", key), "the certificate holds no certificate in PEM"],
    [wanted(cert.replace(/M/, "!"), key), "the certificate holds no certificate in PEM"],
    [wanted(cert, cert), "the key of the certificate holds no private key in PEM"],
    [wanted(cert, encrypted), "the key of the certificate is encrypted, and there is nobody to ask"],
    [wanted(cert, other.key), "the key of the certificate does not belong to the certificate"],
    [wanted(cert, key, { verify: "ca" }), "nobody is named who vouches for the app's certificate"],
    [wanted(cert, key, { verify: "ca", ca: noCa }), "the CA holds no certificate in PEM"],
    [wanted(cert, key, { callers: { ask: "require", ca: noCa } }), "the client CA holds no certificate"],
    [
      wanted(cert, key, { toApp: { certificate: { pem: cert }, key: { pem: other.key } } }),
      "the key of the app certificate does not belong",
    ],
    [wanted(cert, key, { ca: { podPath: "/nowhere/ca" } }), "pod:/nowhere/ca cannot be read"],
  ] as const) {
    const error: unknown = await TlsTerms.of(settings, "/").catch((error: unknown) => error);
    t.ok(
      error instanceof BadCertificate && error.message.startsWith(message),
      `${String(error)} / ${message}`,
    );
    t.notMatch(String(error), key.split("\n")[1] ?? "");
  }
});

void t.test("an expired certificate is taken, with a warning", async (t) => {
  const expired = await certificates.issue("old.example", { days: -1 });
  t.match((await TlsTerms.of(wanted(expired.cert, expired.key), "/")).warnings, [/has expired/]);
  t.same((await TlsTerms.of(wanted(own.cert, own.key), "/")).warnings, []);
});

void t.test(
  "a chain behind the certificate is shown, and files of the pod are read below its root",
  async (t) => {
    const chain = await TlsTerms.of(wanted(own.cert + certificates.ca.cert, own.key), "/");
    t.equal(chain.leaf.subject, "CN=shop.example");
    const name = own.certPath.slice(certificates.path.length);
    const key = own.keyPath.slice(certificates.path.length);
    const settings = wanted("", "", { shown: { certificate: { podPath: name }, key: { podPath: key } } });
    t.equal((await TlsTerms.of(settings, certificates.path)).leaf.subject, "CN=shop.example");
  },
);
