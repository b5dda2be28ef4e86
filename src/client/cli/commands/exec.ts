import { Command, Option } from "commander";
import type { ExecFlags } from "../../exec/index.ts";
import { collect } from "./collect.ts";
import { addEnvironmentOptions, environmentRulesText } from "./environment-options.ts";
import { addFileOptions, fileRulesText } from "./file-options.ts";
import { addOutgoingOptions, noOutgoingGiven, outgoingRulesText } from "./outgoing-options.ts";
import { addTargetOptions } from "./shared-options.ts";
import { addFilterOptions, addJoinOptions, addSpeechOptions, notGiven } from "./subscription-options.ts";

/** What `magpie exec` understands. */
export function execCommand(
  root: Command,
  run: (flags: Omit<ExecFlags, "program">) => Promise<void>,
): Command {
  const command = new Command("exec")
    .copyInheritedSettings(root)
    .description(
      "Run a program in the place of a target's: with its environment, files, network, names and requests.",
    )
    .usage("--target <target> [options] -- program args…")
    .allowExcessArguments(false);
  addTargetOptions(command)
    .addOption(
      new Option("--sandbox <way>", "how the program's calls are caught")
        .choices(["auto", "namespace", "seccomp", "off"])
        .default("auto"),
    )
    .option("--steal", "answer the requests to ports that the program listens on", false)
    .option("--mirror", "have copies of them; the app still answers (the default without a filter)", false)
    .option("--no-incoming", "have no requests at all")
    .option(
      "-p, --port <mapping>",
      "80:8080: port 80 of the target is the program's 8080; repeatable",
      collect,
    )
    .option("--ignore-port <port>", "leave this port of the program to this machine; repeatable", collect)
    .option("--no-other-ports", "have requests on the ports alone that --port names");
  addFilterOptions(command)
    .option("--priority <number>", "sessions of a higher priority are asked first", "0")
    .addOption(
      new Option("--on-local-failure <who>", "who answers when the program cannot be reached")
        .choices(["original", "error"])
        .default("original"),
    )
    .option("--steal-probes", "answer the platform's health probes too; else the app does", false)
    .option(
      "--served-by",
      "tell callers by the field magpie-served-by of answers that they are yours",
      false,
    );
  addSpeechOptions(command);
  const rules = addEnvironmentOptions(command);
  command.option("--no-env", "keep your own environment");
  addFileOptions(command);
  addOutgoingOptions(command);
  return addJoinOptions(command)
    .addHelpText("after", `${environmentRulesText}\n${fileRulesText}\n${outgoingRulesText}${examples}`)
    .action((options: Omit<ExecFlags, "program" | "rules">) =>
      run({ ...notGiven, ...noOutgoingGiven, ...options, rules }),
    );
}

const examples = `

A port that the program listens on is subscribed to by itself: port 8080 of the target is its 8080, unless --port says
otherwise. Without a filter it has copies of all requests, and the app answers; with a filter, or with --steal, it answers what
the filter takes. When it does not listen any more, the app answers. A port that somebody else holds is told, and the program
runs on without it. Listeners on loopback, as of debuggers, and on numbers that the kernel has chosen are left to this machine,
unless --port names them or the target is called by that number itself.

Examples:
  with copies of requests:  magpie exec -t netns:shop -- npm run dev
  answer your own:          magpie exec -t netns:shop --header 'x-user: alice' -p 80:3000 -- npm run dev
  answer all:               magpie exec -t netns:shop --steal -- ./server
  only look around:         magpie exec -t netns:shop --no-incoming -- bash
  another log level:        magpie exec -t pid:4711 --override LOG_LEVEL=debug -- ./server

stdin and stdout are the program's, and so are signals and the terminal. What magpie says, JSON lines too, goes to stderr.
Exit codes: the program's own; when a signal ends it, magpie ends by the same one. Before it has begun: 1 failed, 2 wrong
command line, 128+n interrupted by signal n. 1 also when the session was lost, which ends the program.`;
