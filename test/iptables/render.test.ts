import t from "tap";
import { commandsOf } from "../../iptables/src/command.ts";
import { renderTable, renderTransaction } from "../../iptables/src/render.ts";
import { PRIORITY, type Table } from "../../iptables/src/ruleset.ts";
import { runTool } from "../../iptables/src/tool.ts";
import { makePodNetwork } from "./fixtures/pod-network.ts";

/** One of everything that the model knows. */
const EVERYTHING: Table = {
  family: "inet",
  name: "everything",
  sets: [
    {
      name: "ports",
      type: "inet_service",
      flags: ["timeout"],
      elements: [{ value: 80, timeoutMs: 4000 }, { value: 81 }],
    },
    { name: "four", type: "ipv4_addr", flags: ["interval"], elements: [{ value: "10.0.0.0/8" }] },
    { name: "six", type: "ipv6_addr" },
    { name: "marks", type: "mark", elements: [{ value: 5 }] },
  ],
  chains: [
    {
      name: "prerouting",
      base: { type: "filter", hook: "prerouting", priority: PRIORITY.mangle, policy: "accept" },
      rules: [
        { parts: [{ meta: "mark", inSet: "marks" }, { jump: "other" }] },
        { parts: [{ ip: "saddr", inSet: "four" }, { ct: "state", isNot: "new" }, { verdict: "return" }] },
        {
          parts: [
            { meta: "nfproto", is: "ipv6" },
            { tcp: "dport", inSet: "ports" },
            { fib: "daddr type", is: "local" },
            { tproxy: "ip6", address: "::1", port: 15001 },
            { counter: true },
            { set: "meta mark", to: 7 },
            { verdict: "accept" },
          ],
          comment: "tproxy; with {braces}",
        },
        {
          parts: [
            { socket: "transparent", is: 1 },
            { socket: "mark", is: 3 },
            { set: "ct mark", to: "meta mark" },
          ],
        },
      ],
    },
    {
      name: "output",
      base: { type: "route", hook: "output", priority: PRIORITY.mangle },
      rules: [
        {
          parts: [
            { ct: "direction", is: "reply" },
            { ct: "mark", is: 3 },
            { set: "meta mark", to: "ct mark" },
          ],
        },
      ],
    },
    {
      name: "nat",
      base: { type: "nat", hook: "output", priority: PRIORITY.dstnat },
      rules: [
        { parts: [{ meta: "oifname", isNot: "lo" }, { verdict: "return" }] },
        { parts: [{ meta: "skgid", is: 5 }, { verdict: "return" }] },
        {
          parts: [
            { tcp: "dport", oneOf: [1, { from: 5, to: 9 }] },
            { tcpFlags: ["syn"], of: ["syn", "ack"] },
            { redirect: 99 },
          ],
        },
      ],
    },
    {
      name: "input",
      base: { type: "filter", hook: "input", priority: PRIORITY.filter, policy: "drop" },
      rules: [
        {
          parts: [
            { tcp: "dport", is: 99 },
            { ct: "status", noneOf: ["dnat", "snat"] },
            { reject: "tcp reset" },
          ],
        },
        {
          parts: [
            { tcp: "dport", is: 98 },
            { tcpFlags: [], of: ["syn"] },
            { reject: "icmpx admin-prohibited" },
          ],
        },
        { parts: [{ meta: "l4proto", oneOf: ["tcp", "udp"] }, { meta: "iif", is: "lo" }, { goto: "other" }] },
      ],
    },
    {
      name: "other",
      rules: [
        { parts: [{ udp: "sport", isNot: 53 }, { ip6: "daddr", notInSet: "six" }, { verdict: "continue" }] },
      ],
    },
  ],
};

await t.test("puts a transaction on one line and knows where each command begins", async (t) => {
  const table = { family: "inet", name: "m" } as const;
  const { line, commands } = renderTransaction([
    { add: "table", table },
    { delete: "table", table },
  ]);
  t.equal(line, "add table inet m; delete table inet m");
  t.strictSame(
    commands.map(({ start }) => start),
    [0, 18],
  );
  t.throws(() => renderTransaction([]), { code: "invalid-value" });
});

await t.test(
  "nft takes all that the model knows, as a line and as a block, and sees the same in both",
  async (t) => {
    await using network = await makePodNetwork();
    const nft = async (args: [string, ...string[]], input = "") => {
      const { exitCode, stdout, stderr } = await runTool(["nft", ...args], {
        commandPrefix: network.pod,
        input,
      });
      t.equal(exitCode, 0, stderr);
      // The remaining time of an element differs from one look to the next.
      return stdout.replaceAll(/ expires \w+/g, "");
    };
    await nft(["-f", "-"], `${renderTransaction(commandsOf(EVERYTHING)).line}\n`);
    const fromLine = await nft(["list", "ruleset"]);
    await nft(["flush", "ruleset"]);
    await nft(["-f", "-"], renderTable(EVERYTHING));
    t.equal(await nft(["list", "ruleset"]), fromLine);
    t.match(fromLine, "ct status ! snat,dnat");
  },
);

await t.test("gives every closing brace of a block its own line", async (t) => {
  for (const line of renderTable(EVERYTHING).split("\n"))
    if (line.includes("}") && !line.includes("{")) t.match(line, /^\t*\}$/);
});
