/**
 * `node test/kubernetes/serve-cluster.ts`: a cluster that stands until the standard input ends, or Ctrl-C. Prints how to reach it: on
 * a terminal for people, else one line of JSON with the variables that tests read.
 */
import { Cluster } from "./cluster/cluster.ts";

const isTerminal = process.stdin.isTTY;
const say = (line: string): void => void process.stderr.write(`magpie ${line}\n`);

const over = Promise.withResolvers<undefined>();
const end = (): void => over.resolve(undefined);
process.stdin.resume().once("end", end).once("error", end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);

const cluster = await Promise.race([Cluster.start({ say }), over.promise]);
// Whoever wanted it is gone before it stands: what has been begun ends with us.
if (cluster === undefined) process.exit(1);
if (isTerminal) {
  process.stdout.write(`export KUBECONFIG=${cluster.kubeconfig}\n`);
  process.stdout.write(`export MAGPIE_AGENT_IMAGE=${cluster.agentImage}\n`);
  for (const [name, value] of Object.entries(cluster.environment))
    process.stdout.write(`export ${name}=${String(value)}\n`);
  say("Ctrl-C ends the cluster");
} else process.stdout.write(`${JSON.stringify(cluster.environment)}\n`);
await over.promise;
process.stdin.destroy();
await cluster[Symbol.asyncDispose]();
