import t from "tap";
import { Certificates } from "../fixtures/certificates.ts";
import { filter, MINE, NAME, tlsStage } from "../fixtures/tls-stage.ts";

void t.test("an app that does not agree to be read in between has its callers to itself", async (t) => {
  await t.test("with another certificate than the given one", async (t) => {
    await using s = await tlsStage("tlspin");
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
          await using s = await tlsStage("tlsask", { requestCert: true, rejectUnauthorized, ...version });
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
  await using s = await tlsStage("tlsmutual", { requestCert: true, rejectUnauthorized: true });
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
  await using s = await tlsStage("tlsca");
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
