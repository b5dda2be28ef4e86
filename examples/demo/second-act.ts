import { fileURLToPath } from "node:url";
import { beginMagpie, runMagpie } from "../../test/fixtures/magpie-command.ts";
import { MagpieSteal, type RuntimeDirectory } from "../../test/fixtures/magpie-steal.ts";
import type { Namespace } from "../../test/fixtures/namespaces.ts";
import { Proc } from "../../test/fixtures/proc.ts";
import { type Narrator, quoted } from "./narrator.ts";

const localProcess = fileURLToPath(new URL("local-process.ts", import.meta.url));
/** Prices that are asked for, copied and compared. */
const PRICES = [2, 3, 4, 5];

/**
 * Two developers on one pod: Bob joins with a filter of his own, compares a new version of the app against the old one by a
 * mirror, and asks why a request went where it went.
 */
export async function secondAct(about: {
  narrator: Narrator;
  pod: Namespace;
  runtimeDirectory: RuntimeDirectory;
  localPort: number;
  /** Sends a request from the client's namespace and tells who answered. */
  ask: (path: string, ...rest: string[]) => Promise<void>;
}): Promise<void> {
  const { narrator, pod, runtimeDirectory, localPort, ask } = about;
  const target = ["--target", `netns:${pod.name}`];

  narrator.act("Bob joins you on the same pod");
  await using program = await Proc.start({ command: [process.execPath, localProcess, "8081", "Bob's"] });
  const bobsPort = Number((await program.line(/^listening (\d+)$/))[1]);
  const options = ["--port", `80:${bobsPort}`, "--header", "^x-tenant: green$", "--name", "bob"];
  narrator.command(`magpie steal --target netns:${pod.name} ${options.map(quoted).join(" ")}`);
  await using bob = await MagpieSteal.start({ pod, runtimeDirectory, args: options });
  narrator.say("the same agent serves both; nothing was installed, nobody had to ask");
  await ask("/orders/11", "-H", "x-tenant: blue");
  await ask("/orders/12", "-H", "x-tenant: green");
  await ask("/orders/13");
  await show(["sessions", ...target]);

  narrator.act("Does the new version answer like the old one?");
  const copied = [
    "--port",
    `80:${localPort}`,
    "--path",
    "^/prices/",
    "--max-requests",
    String(PRICES.length),
  ];
  const words = ["mirror", ...target, ...copied, "--compare", "--ignore", "header:x-served-by"];
  narrator.command(`magpie ${words.map(quoted).join(" ")}`);
  narrator.say("copies of some requests go to your process; the app answers as ever");
  await using mirror = await beginMagpie(runtimeDirectory, words);
  await mirror.line(/Ctrl-C ends it/);
  for (const price of PRICES) await ask(`/prices/${price}`);
  const { code } = await mirror.exited;
  const from = mirror.stderr.findIndex((line) => /Compared \d/.test(line));
  for (const line of mirror.stderr.slice(from)) narrator.quote(line.replace(/^magpie {2}/, ""));
  narrator.check(code === 3, `it ends with ${code}: answers differ, as CI would like to know`);

  narrator.act("Why did that request go there?");
  await show(["why", ...target, "--path", "^/orders/1[123]$", "--last", "3"]);
  bob.proc.child.kill("SIGINT");
  const ended = await bob.event("ended");
  narrator.say("");
  narrator.say(`Bob goes home: ${String(ended["message"])}`);

  /** Runs a command that only asks, and shows what it prints. */
  async function show(args: readonly string[]): Promise<void> {
    narrator.command(["magpie", ...args].map(quoted).join(" "));
    const { text, errors } = await runMagpie(runtimeDirectory, args);
    for (const line of `${text}\n${errors}`.trimEnd().split("\n")) narrator.quote(line);
  }
}
