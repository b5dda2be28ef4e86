import t from "tap";
import { renderStatement, type Statement } from "../../iptables/src/statement.ts";

const SPELLED: [Statement, string][] = [
  [{ counter: true }, "counter"],
  [{ verdict: "return" }, "return"],
  [{ jump: "other" }, "jump other"],
  [{ goto: "other" }, "goto other"],
  [{ reject: "tcp reset" }, "reject with tcp reset"],
  [{ set: "meta mark", to: 0x106d }, "meta mark set 0x106d"],
  [{ set: "meta mark", to: "ct mark" }, "meta mark set ct mark"],
  [{ set: "ct mark", to: "meta mark" }, "ct mark set meta mark"],
  [{ tproxy: "ip", port: 15001 }, "tproxy ip to :15001"],
  [{ tproxy: "ip", address: "127.0.0.1", port: 15001 }, "tproxy ip to 127.0.0.1:15001"],
  [{ tproxy: "ip6", address: "::1", port: 15001 }, "tproxy ip6 to [::1]:15001"],
  [{ redirect: 15001 }, "redirect to :15001"],
];

for (const [statement, spelled] of SPELLED)
  await t.test(`spells ${spelled}`, async (t) => t.equal(renderStatement(statement), spelled));

await t.test("refuses values from outside that the types would have refused", async (t) => {
  const refused: unknown[] = [
    { verdict: "accept; drop" },
    { jump: "a b" },
    { reject: "a" },
    { set: "meta mark", to: "ct mark; drop" },
    { set: "priority", to: 1 },
    { tproxy: "ip", address: "::1", port: 1 },
    { tproxy: "ip8", port: 1 },
    { redirect: 0 },
    {},
  ];
  for (const statement of refused)
    t.throws(
      () => renderStatement(statement as Statement),
      { code: "invalid-value" },
      JSON.stringify(statement),
    );
});
