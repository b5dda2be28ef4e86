import { readFile } from "node:fs/promises";
import t from "tap";
import { runTool } from "../../iptables/src/tool.ts";
import { makePodNetwork } from "./fixtures/pod-network.ts";

const readme = await readFile(new URL("../../iptables/README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code = ""]) => code);
const SHOWS = [
  /elements = \{ 8080 timeout 4s/,
  /No such file or directory, at column 40 \("window"\)/,
  /redirect was asked for/,
];

await t.test("every example of the README runs and shows what it says", async (t) => {
  await using network = await makePodNetwork();
  t.equal(examples.length, SHOWS.length);
  for (const [index, code] of examples.entries()) {
    const argv = [process.execPath, "--input-type=module-typescript", "--eval", code] as const;
    const { exitCode, stdout, stderr } = await runTool([...argv], { commandPrefix: network.pod });
    t.equal(exitCode, 0, stderr);
    t.match(stdout, SHOWS[index]);
    t.equal(await network.inPod("nft list ruleset"), "", "and leaves nothing");
  }
});
