import t from "tap";
import { complaintOf } from "../../iptables/src/complaint.ts";
import { renderTransaction } from "../../iptables/src/render.ts";

const table = { family: "inet", name: "x" } as const;
const transaction = renderTransaction([
  { add: "chain", table, chain: { name: "pre" } },
  { add: "rule", table, chain: "nochain", rule: { parts: [{ verdict: "accept" }] } },
]);
const carets = `${" ".repeat(transaction.line.indexOf("nochain"))}^^^^^^^`;

await t.test("reads message, column, text and command", async (t) => {
  const said = `Error: Could not process rule: No such file or directory\n${transaction.line}\n${carets}\n`;
  const error = complaintOf(said, transaction);
  t.match(error, {
    code: "rejected",
    message: /No such file or directory, at column \d+ \("nochain"\)/,
    column: transaction.line.indexOf("nochain"),
    command: { add: "rule", chain: "nochain" },
  });
  t.equal(error?.line, transaction.line);
});

await t.test("reads the same with the location that nft gives for a file", async (t) => {
  const said = `/dev/stdin:1:36-42: Error: Could not process rule: No such file or directory\n${transaction.line}\n${carets}\n`;
  t.match(complaintOf(said, transaction)?.problems, [{ text: "nochain", message: /^Could not/ }]);
});

await t.test("looks for the fault itself among what it has to do with", async (t) => {
  const underlined = `${"~".repeat(9)}${carets.slice(9)}`;
  const error = complaintOf(`Error: no\n${transaction.line}\n${underlined}\n`, transaction);
  t.equal(error?.problems[0]?.text, "nochain");
});

await t.test("gives all problems, the first one in the message", async (t) => {
  const said = `Error: one\n${transaction.line}\n^^^\nError: two\n${transaction.line}\n${carets}\n`;
  const error = complaintOf(said, transaction);
  t.strictSame(
    error?.problems.map(({ message }) => message),
    ["one", "two"],
  );
  t.match(error?.message, /one/);
});

await t.test("takes words of no known shape as they are, and a missing terminal for nothing", async (t) => {
  t.match(complaintOf("Segmentation fault", transaction), {
    code: "rejected",
    message: /Segmentation/,
    problems: [],
  });
  t.equal(complaintOf("", transaction), undefined);
  t.equal(
    complaintOf("Cannot read termcap database;\nusing dumb terminal settings.\n", transaction),
    undefined,
  );
});
