import { Command, Option } from "commander";
import type { StealFlags } from "../../steal/index.ts";
import { redirectBackends } from "../../target/index.ts";
import { collect } from "./collect.ts";
import { outputOption, targetOption } from "./shared-options.ts";

/** What `magpie steal` understands. */
export function stealCommand(
  root: Command,
  run: (flags: Omit<StealFlags, "program">) => Promise<void>,
): Command {
  return new Command("steal")
    .copyInheritedSettings(root)
    .description("Let requests to a target's ports be answered by a program on this machine.")
    .usage("--target <target> --port <mapping> [filters] [options] [-- program args…]")
    .allowExcessArguments(false)
    .addOption(targetOption())
    .option("-p, --port <mapping>", "80:8080, 80 or 80:[::1]:8080; repeatable", collect)
    .option("--local-host <address>", "where requests go when --port names no address", "127.0.0.1")
    .option(
      "--header <pattern>",
      "requests with a header line (or gRPC metadata) that matches, like 'x-user: alice'",
      collect,
    )
    .option("--path <pattern>", "requests whose path matches, like '^/api/'", collect)
    .option("--method <methods>", "requests with one of these methods, like GET,POST", collect)
    .option("--host <name>", "requests to this host, like shop.example or *.example", collect)
    .option("--query <test>", "requests with this parameter: name, name=value or name~pattern", collect)
    .option(
      "--grpc <call>",
      "gRPC calls of a service or one method, like shop.Cart or shop.Cart/AddItem",
      collect,
    )
    .option("--filter <filter>", "requests that an expression or JSON filter takes", collect)
    .addOption(
      new Option("--on-local-failure <who>", "who answers when the program cannot be reached")
        .choices(["original", "error"])
        .default("original"),
    )
    .addOption(
      new Option("--local-protocol <version>", "which HTTP the local program speaks, where it is to be told")
        .choices(["auto", "http1", "http2"])
        .default("auto"),
    )
    .option("--local-tls", "speak TLS to the local program; on loopback any certificate will do", false)
    .option("--local-tls-ca <file>", "check its certificate against this authority, in PEM")
    .option("--tls-cert <file>", "read TLS: the app's certificate; pod:/path is a file of the pod")
    .option("--tls-key <file>", "its key")
    .addOption(
      new Option("--tls-verify <policy>", "the app must show that very certificate, one of --tls-ca, or any")
        .choices(["pin", "ca", "none"])
        .default("pin"),
    )
    .option("--tls-ca <file>", "who vouches for the app's certificate")
    .option("--tls-server-name <name>", "whom it must be for (default: whom the caller asks for)")
    .option("--tls-client-ca <file>", "ask callers for a certificate that this authority vouches for")
    .addOption(
      new Option("--tls-client-auth <how>", "whether callers may go without (default: require)").choices([
        "request",
        "require",
      ]),
    )
    .option("--tls-app-cert <file>", "what an app that asks for a certificate is shown")
    .option("--tls-app-key <file>", "its key")
    .option("--take-over", "take over connections that exist already: idle ones are reset", false)
    .addOption(
      new Option("--redirect <way>", "how packets are caught").choices([...redirectBackends]).default("auto"),
    )
    .option("--priority <number>", "sessions of a higher priority are asked first", "0")
    .option("--name <text>", "who you are, shown to others on this target (default: user@host)")
    .option(
      "--grace <duration>",
      "how long requests wait for a connection that is lost, like 30s or 2m; 0: not at all",
      "30s",
    )
    .addOption(
      new Option("--on-lost <what>", "what to do when it does not come back, or the agent has ended")
        .choices(["exit", "rejoin"])
        .default("exit"),
    )
    .option("--trace", "tell the decision on every request, stolen or not", false)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((options: Omit<StealFlags, "program">) => run({ ...repeatable, ...options }));
}

const repeatable = { port: [], header: [], path: [], method: [], host: [], query: [], grpc: [], filter: [] };

const examples = `
Flags of the filter that are given together must all hold; several methods mean any of them, and so do several --grpc.
Without a filter every request is stolen, and connections that are not HTTP are too.

Examples:
  one user's requests:      magpie steal -t netns:shop -p 80:8080 --header 'x-user: alice'
  two conditions:           magpie steal -t netns:shop -p 80:8080 --path ^/api/ --method GET,POST
  gRPC calls of one user:   magpie steal -t netns:shop -p 50051 --grpc shop.Cart --header 'x-user: alice'
  an expression:            magpie steal -t netns:shop -p 80:8080 --filter 'path ^= "/api" and !header("x-probe")'
  two ports:                magpie steal -t pid:4711 -p 80:8080 -p 9090
  an HTTPS port:            magpie steal -t pid:4711 -p 443:8080 --tls-cert pod:/tls/tls.crt --tls-key pod:/tls/tls.key
  with your program:        magpie steal -t netns:shop -p 80:3000 -- npm run dev
  for an editor:            magpie steal -t netns:shop -p 80 --output json

With a program, stdout belongs to it: what magpie says, JSON lines too, goes to stderr. The session ends with the
program, and the program's exit code is magpie's.
Exit codes: 0 ended as asked, 1 failed, 2 wrong command line, 128+n interrupted by signal n, else the program's.`;
