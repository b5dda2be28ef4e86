import { openRedirector } from "nftables-js";
import t from "tap";
import { makePodNetwork } from "./fixtures/pod-network.ts";

const options = { listenerPort4: 15001, upstreamMark: 7 };

await t.test("auto takes the best, and does not try the others", async (t) => {
  await using network = await makePodNetwork();
  const opened = await openRedirector({ ...options, backend: "auto", commandPrefix: network.pod });
  await using redirector = opened.redirector;
  t.equal(redirector.backend, "tproxy");
  t.ok(opened.session?.isOpen);
  t.strictSame(
    opened.choice.backends.map(({ verdict }) => verdict),
    ["usable", "untried", "untried"],
  );
});

await t.test("auto falls back where nft is missing, and says why", async (t) => {
  await using network = await makePodNetwork();
  const settings = {
    ...options,
    backend: "auto",
    nftPath: "/nowhere/nft",
    commandPrefix: network.pod,
  } as const;
  const { redirector, choice, session } = await openRedirector(settings);
  t.equal(redirector.backend, "iptables");
  t.equal(session, undefined);
  t.match(choice.reason, /tproxy is not usable: .*nowhere.*redirect is not usable/);
  await redirector.close();
});

await t.test("takes no other backend than the one asked for", async (t) => {
  await using network = await makePodNetwork();
  const settings = { ...options, nftPath: "/nowhere/nft", commandPrefix: network.pod };
  await t.rejects(openRedirector({ ...settings, backend: "redirect" }), {
    code: "unusable",
    message: /redirect: .*nowhere/,
  });
  await using redirector = (await openRedirector({ ...settings, backend: "iptables" })).redirector;
  t.equal(redirector.backend, "iptables");
  await t.rejects(openRedirector({ upstreamMark: 7, backend: "auto" }), { code: "invalid-value" });
});
