import t from "tap";
import { agentOfOthersNotice } from "../../../src/client/running/agent-of-others.ts";

const usual = { redirect: "auto", limits: {}, drainMaxMs: 43_200_000 } as const;

void t.test("flags about an agent that was there already are said to change nothing", async (t) => {
  const told = (more: object) => agentOfOthersNotice({ ...usual, ...more }, { backend: "tproxy" })?.message;
  t.match(told({ redirect: "iptables" }), /^--redirect iptables changes nothing: .* \(tproxy\)/);
  t.match(
    told({ redirect: "redirect", limits: { maxRssMb: 100 }, drainMaxMs: 0 }),
    /^--redirect redirect and --budget and --drain-max change nothing: /,
  );
});

void t.test("what was not asked for, or is so anyway, is not spoken of", async (t) => {
  t.equal(agentOfOthersNotice(usual, { backend: "redirect" }), undefined);
  t.equal(agentOfOthersNotice({ ...usual, redirect: "redirect" }, { backend: "redirect" }), undefined);
});
