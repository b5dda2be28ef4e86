import t from "tap";
import { type Command, commandsOf, renderCommand } from "../../iptables/src/command.ts";
import { PRIORITY } from "../../iptables/src/ruleset.ts";

const table = { family: "inet", name: "m" } as const;

const SPELLED: [Command, string][] = [
  [{ add: "table", table }, "add table inet m"],
  [{ add: "table", table, flags: ["owner"] }, "add table inet m { flags owner; }"],
  [{ delete: "table", table }, "delete table inet m"],
  [
    { add: "set", table, set: { name: "p", type: "inet_service", flags: ["timeout"] } },
    "add set inet m p { type inet_service; flags timeout; }",
  ],
  [{ add: "set", table, set: { name: "p", type: "mark" } }, "add set inet m p { type mark; }"],
  [{ flush: "set", table, name: "p" }, "flush set inet m p"],
  [{ delete: "chain", table, name: "c" }, "delete chain inet m c"],
  [
    {
      add: "elements",
      table,
      set: "p",
      type: "inet_service",
      elements: [{ value: 80, timeoutMs: 4000 }, { value: 81 }],
    },
    "add element inet m p { 80 timeout 4000ms, 81 }",
  ],
  [
    { delete: "elements", table, set: "a", type: "ipv6_addr", elements: [{ value: "::1" }] },
    "delete element inet m a { ::1 }",
  ],
  [{ add: "chain", table, chain: { name: "c" } }, "add chain inet m c"],
  [
    {
      add: "chain",
      table,
      chain: {
        name: "c",
        base: { type: "nat", hook: "output", priority: PRIORITY.dstnat, policy: "accept" },
      },
    },
    "add chain inet m c { type nat hook output priority -100; policy accept; }",
  ],
  [
    {
      add: "rule",
      table,
      chain: "c",
      rule: { parts: [{ tcp: "dport", is: 80 }, { verdict: "drop" }], comment: "no" },
    },
    'add rule inet m c tcp dport 80 drop comment "no"',
  ],
  [
    { insert: "rule", table, chain: "c", rule: { parts: [{ counter: true }] } },
    "insert rule inet m c counter",
  ],
];

for (const [command, spelled] of SPELLED)
  await t.test(`spells ${spelled}`, async (t) => t.equal(renderCommand(command), spelled));

await t.test("makes chains before rules, so that a rule may jump to a later chain", async (t) => {
  const commands = commandsOf({
    ...table,
    flags: ["owner"],
    sets: [{ name: "p", type: "inet_service", elements: [{ value: 80 }] }],
    chains: [{ name: "first", rules: [{ parts: [{ jump: "second" }] }] }, { name: "second" }],
  });
  t.strictSame(commands.map(renderCommand), [
    "add table inet m { flags owner; }",
    "add set inet m p { type inet_service; }",
    "add element inet m p { 80 }",
    "add chain inet m first",
    "add chain inet m second",
    "add rule inet m first jump second",
  ]);
});

await t.test("refuses values from outside that the types would have refused", async (t) => {
  const refused: unknown[] = [
    { add: "table", table: { family: "inet x", name: "m" } },
    { add: "table", table, flags: ["owner; }"] },
    { add: "set", table, set: { name: "p", type: "inet_service; flags timeout" } },
    { add: "elements", table, set: "p", type: "inet_service", elements: [] },
    { add: "elements", table, set: "p", type: "inet_service", elements: [{ value: "80" }] },
    { add: "elements", table, set: "p", type: "ipv4_addr", elements: [{ value: "::1" }] },
    { add: "chain", table, chain: { name: "c", base: { type: "filter", hook: "ingress", priority: 0 } } },
    { add: "rule", table, chain: "c", rule: { parts: [] } },
    { flush: "ruleset", table, name: "p" },
    { add: "quota", table },
  ];
  for (const command of refused)
    t.throws(() => renderCommand(command as Command), { code: "invalid-value" }, JSON.stringify(command));
});
