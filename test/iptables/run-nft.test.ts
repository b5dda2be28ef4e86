import { listRuleset, runNft } from "nftables-js";
import t from "tap";
import { makePodNetwork } from "./fixtures/pod-network.ts";

const table = { family: "inet", name: "once" } as const;

await t.test("applies all or nothing, and the rules stay", async (t) => {
  await using network = await makePodNetwork();
  const options = { commandPrefix: network.pod };
  await runNft([{ add: "table", table }], options);
  const before = await listRuleset(options);
  t.match(before, "table inet once");
  const refused = runNft(
    [
      { add: "chain", table, chain: { name: "new" } },
      { add: "rule", table, chain: "nowhere", rule: { parts: [{ verdict: "accept" }] } },
    ],
    options,
  );
  await t.rejects(refused, {
    code: "rejected",
    command: { chain: "nowhere" },
    problems: [{ text: "nowhere" }],
  });
  t.equal(await listRuleset(options), before);
});

await t.test("tells that nft is missing", async (t) => {
  await t.rejects(runNft([{ add: "table", table }], { nftPath: "/nowhere/nft" }), { code: "not-started" });
});
