import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

/** What a benchmark of proxies was asked to do. */
export interface ProxyFlags<Name extends string> {
  readonly rounds: number;
  /** Of each slice. */
  readonly seconds: number;
  readonly names: readonly Name[];
  /** Puts the tables into `bench/RESULTS.md`. */
  readonly write: boolean;
}

/** Says to whoever watches the run; the tables go to stdout. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Reads the command line of a benchmark of proxies; ends the process where it cannot be done. */
export function readProxyFlags<Name extends string>(contenderNames: readonly Name[]): ProxyFlags<Name> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      only: { type: "string", default: contenderNames.join(",") },
      write: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const names = contenderNames.filter((name) => values.only.split(",").includes(name));
  if (!(rounds >= 1 && seconds >= 1 && seconds <= 15) || names.length === 0) {
    say(`usage: [--rounds n] [--seconds 1..15] [--only ${contenderNames.join(",")}] [--write]`);
    process.exit(1);
  }
  if (availableParallelism() < 2) {
    say("the proxy needs a core of its own beside the load: this machine has only one");
    process.exit(1);
  }
  return { rounds, seconds, names, write: values.write };
}
