import { PassThrough } from "node:stream";
import t from "tap";
import { NftError } from "../../iptables/src/errors.ts";
import { InteractiveOutput } from "../../iptables/src/interactive-output.ts";

const STDOUT_END = "datatype inet_service (internet network service) (basetype integer), 16 bits\n";
const stderrEnd = (count: number) =>
  `Error: syntax error, unexpected newline\nmagpie-end-of-${count}\n              ^\n`;

function output() {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  return { stdout, stderr, output: new InteractiveOutput(stdout, stderr) };
}

await t.test("knows the end of an answer however its bytes arrive", async (t) => {
  const { stdout, stderr, output: nft } = output();
  const { input, settled } = nft.answerTo("list table inet x");
  t.equal(input, "list table inet x\ndescribe inet_service\nmagpie-end-of-1\n");
  for (const character of `Error: no\nx\n^\n${stderrEnd(1)}`) stderr.write(character);
  for (const character of `table inet x {\n}\n${STDOUT_END}`) stdout.write(character);
  t.strictSame(await settled, { stdout: "table inet x {\n}\n", stderr: "Error: no\nx\n^\n" });
});

await t.test("waits for both ends, and gives nothing for a silent success", async (t) => {
  const { stdout, stderr, output: nft } = output();
  for (const count of [1, 2]) {
    const { settled } = nft.answerTo("add table inet x");
    stdout.write(STDOUT_END);
    const early = await Promise.race([settled, new Promise((resolve) => setImmediate(resolve, "not yet"))]);
    t.equal(early, "not yet");
    stderr.write(stderrEnd(count));
    t.strictSame(await settled, { stdout: "", stderr: "" });
  }
});

await t.test("is not fooled by a prompt, nor by a comment that quotes the end", async (t) => {
  const { stdout, stderr, output: nft } = output();
  const { settled } = nft.answerTo("list table inet x");
  stderr.write(stderrEnd(1));
  stdout.write(`accept comment "datatype inet_service (x"\n}\n`);
  stdout.write(`nft> ${STDOUT_END}`);
  t.match((await settled).stdout, /^accept comment .*\n\}\n$/);
});

await t.test("refuses the open question and all later ones when nft has ended", async (t) => {
  const { output: nft } = output();
  const { settled } = nft.answerTo("a");
  t.throws(() => nft.answerTo("b"), { code: "busy" });
  nft.end(new NftError("exited", "gone"));
  await t.rejects(settled, { code: "exited" });
  await t.rejects(nft.answerTo("c").settled, { code: "exited" });
});
