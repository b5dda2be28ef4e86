import { Command } from "commander";
import type { MirrorFlags } from "../../mirror/index.ts";
import { collect } from "./collect.ts";
import { addRequestOptions, addSessionOptions, addSpeechOptions, notGiven } from "./subscription-options.ts";

/** What `magpie mirror` understands. */
export function mirrorCommand(
  root: Command,
  run: (flags: Omit<MirrorFlags, "program">) => Promise<void>,
): Command {
  const command = new Command("mirror")
    .copyInheritedSettings(root)
    .description("Send copies of a target's requests to a program on this machine; the app still answers.")
    .usage("--target <target> --port <mapping> [filters] [options] [-- program args…]")
    .allowExcessArguments(false);
  addRequestOptions(command)
    .option("--sample <share>", "copy only this share of them, like 10% or 0.1", "100%")
    .option("--max-rate <rate>", "copy at most so many, like 50 (a second), 50/s, 100/m or 10/h")
    .option("--copy-timeout <duration>", "how long the program may take to answer a copy", "60s")
    .option("--compare", "compare the program's answers with the app's", false)
    .option("--ignore <rule>", "differences that do not count; repeatable", collect)
    .option("--report <file>", "write what came of comparing to this file, in JSON")
    .option("--max-differences <number>", "how many exchanges that differ are told one by one (default: 20)")
    .option("--no-learn", "never ask the app twice to learn what differs between its own answers");
  addSpeechOptions(command);
  return addSessionOptions(command)
    .addHelpText("after", examples)
    .action((options: Omit<MirrorFlags, "program">) => run({ ...repeatable, ...options }));
}

const repeatable = { ...notGiven, ignore: [] };

const examples = `
Flags of the filter that are given together must all hold; several methods mean any of them, and so do several --grpc.
What the program answers is thrown away. It can tell a copy by the field magpie-mirror, gRPC metadata too. A program that is
slow, stopped or gone never delays the app: copies that nobody takes are dropped and counted.

--ignore takes what a report calls a place:
  header:date, header:x-*     fields of that name       status            that the statuses differ
  trailer:grpc-message        trailers of that name     body              the whole body
  /items/*/price              a place of a JSON body; * is one level, ** are any, ~2 is a star
  line:/generated at/         lines of a text in which the pattern is found; body:line 12 is that line
  grpc:field 3.1              a field of every message; grpc:message 2, grpc:message 2 field 3.*
  +header:date                takes back what earlier rules, the defaults and learned noise leave out
Of several that fit, the last one counts. Left out by default: date, age, request ids and the like.

With --compare, what differs between two answers of the app itself is no difference: where answers differ, the same GET, HEAD
or OPTIONS without a body goes to the app again, up to three times for a route and ten times a second. --no-learn forbids it.

Examples:
  half of the traffic:      magpie mirror -t netns:shop -p 80:8080 --sample 50%
  one user's requests:      magpie mirror -t netns:shop -p 80:8080 --header 'x-user: alice'
  compare, in CI:           magpie mirror -t netns:shop -p 80:8080 --compare --for 30s --report diff.json && echo same
  leave a field out:        magpie mirror -t netns:shop -p 80:8080 --compare --ignore /items/*/seen
  with your program:        magpie mirror -t netns:shop -p 80:3000 --max-rate 50/s -- npm run dev

With a program, stdout belongs to it: what magpie says, JSON lines too, goes to stderr. The session ends with the
program, and the program's exit code is magpie's, unless comparing has something to say.
Exit codes: 0 ended as asked (with --compare: all answers are the same), 1 failed, 2 wrong command line, 3 answers differed,
4 none differed, but nothing was compared or the program did not answer all, 128+n interrupted by signal n, else the program's.`;
