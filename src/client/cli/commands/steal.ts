import { Command, Option } from "commander";
import type { StealFlags } from "../../steal/index.ts";
import { addRequestOptions, addSessionOptions, addSpeechOptions, notGiven } from "./subscription-options.ts";

/** What `magpie steal` understands. */
export function stealCommand(
  root: Command,
  run: (flags: Omit<StealFlags, "program">) => Promise<void>,
): Command {
  const command = new Command("steal")
    .copyInheritedSettings(root)
    .description("Let requests to a target's ports be answered by a program on this machine.")
    .usage("--target <target> --port <mapping> [filters] [options] [-- program args…]")
    .allowExcessArguments(false);
  addRequestOptions(command).addOption(
    new Option("--on-local-failure <who>", "who answers when the program cannot be reached")
      .choices(["original", "error"])
      .default("original"),
  );
  command.option("--steal-probes", "answer the platform's health probes too; else the app does", false);
  addSpeechOptions(command).option(
    "--priority <number>",
    "sessions of a higher priority are asked first",
    "0",
  );
  command.option(
    "--served-by",
    "tell callers by the field magpie-served-by of answers that they are yours",
    false,
  );
  return addSessionOptions(command)
    .addHelpText("after", examples)
    .action((options: Omit<StealFlags, "program">) => run({ ...notGiven, ...options }));
}

const examples = `
Flags of the filter that are given together must all hold; several methods mean any of them, and so do several --grpc.
Without a filter every request is stolen, and connections that are not HTTP are too. Health probes of the kubelet always
reach the app, unless --steal-probes says otherwise.

Examples:
  one user's requests:      magpie steal -t netns:shop -p 80:8080 --header 'x-user: alice'
  two conditions:           magpie steal -t netns:shop -p 80:8080 --path ^/api/ --method GET,POST
  gRPC calls of one user:   magpie steal -t netns:shop -p 50051 --grpc shop.Cart --header 'x-user: alice'
  an expression:            magpie steal -t netns:shop -p 80:8080 --filter 'path ^= "/api" and !header("x-probe")'
  two ports:                magpie steal -t pid:4711 -p 80:8080 -p 9090
  an HTTPS port:            magpie steal -t pid:4711 -p 443:8080 --tls-cert pod:/tls/tls.crt --tls-key pod:/tls/tls.key
  with your program:        magpie steal -t netns:shop -p 80:3000 -- npm run dev
  for an editor:            magpie steal -t netns:shop -p 80 --output json

Several people may share a target: a session of higher --priority is asked first, then the one with the more specific
filter, then the older. Two sessions cannot both take everything, or have the same filter. --take-over asks for such a
place: whoever holds it is told at once and has it for two seconds more; requests under way stay there. A session that was
started with --keep keeps its place.
With --for or --max-requests it ends by itself, when what is under way has finished; requests that reach no program do
not count. \`magpie release\` and \`magpie filter set\` work on a session that runs.
With a program, stdout belongs to it: what magpie says, JSON lines too, goes to stderr. The session ends with the
program, and the program's exit code is magpie's; a session that ends by itself ends the program with SIGTERM.
Exit codes: 0 ended as asked, released or at its bound, 1 failed or its place was taken, 2 wrong command line, 128+n interrupted by signal n, else the program's.`;
