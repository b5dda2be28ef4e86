import t from "tap";
import type { ClientError } from "../../../src/client/errors.ts";
import { localSpeechOf } from "../../../src/client/subscription-flags/local-speech.ts";

function read(flags: Partial<Parameters<typeof localSpeechOf>[0]>, ...addresses: string[]) {
  const problems: ClientError[] = [];
  const ports = addresses.map((localAddress) => ({ remotePort: 80, localAddress, localPort: 8443 }));
  const speech = localSpeechOf({ localProtocol: "auto", localTls: false, ...flags }, { ports, problems });
  return { speech, problems: problems.map(({ message }) => message) };
}

void t.test("in clear text nothing is asked of the address", (t) => {
  t.same(read({ localProtocol: "http2" }, "10.0.0.9"), {
    speech: { protocol: "http2", tls: null },
    problems: [],
  });
  t.end();
});

void t.test("any certificate will do on loopback, and nowhere else", (t) => {
  const { speech, problems } = read({ localTls: true }, "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1");
  t.same(problems, []);
  t.same(speech, { protocol: "auto", tls: { ca: null } });
  for (const address of ["10.0.0.9", "::2", "0.0.0.0", "fe80::1"])
    t.match(
      read({ localTls: true }, "127.0.0.1", address).problems,
      [/only on loopback, not at .*8443/],
      address,
    );
  t.end();
});

void t.test("what is no certificate is told with its file, beside the other problems", (t) => {
  const { problems } = read({ localTlsCa: import.meta.filename }, "127.0.0.1");
  t.match(problems, [/in clear text/, /local-speech\.test\.ts" cannot be used/]);
  t.end();
});
