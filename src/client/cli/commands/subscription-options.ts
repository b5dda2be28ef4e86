import { type Command, Option } from "commander";
import { redirectBackends } from "../../target/index.ts";
import { addAgentOptions } from "./agent-options.ts";
import { collect } from "./collect.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** Whose requests, to where, and which of them. */
export function addRequestOptions(command: Command): Command {
  addTargetOptions(command)
    .option("-p, --port <mapping>", "80:8080, 80 or 80:[::1]:8080; repeatable", collect)
    .option("--local-host <address>", "where requests go when --port names no address", "127.0.0.1");
  return addFilterOptions(command);
}

/** Which requests. */
export function addFilterOptions(command: Command): Command {
  return command
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
    .option("--filter <filter>", "requests that an expression or JSON filter takes", collect);
}

/** How the local program is spoken to, and how TLS of the target is read. */
export function addSpeechOptions(command: Command): Command {
  return command
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
    .option("--tls-app-key <file>", "its key");
}

/** How the session lives and ends, and what it says. */
export function addSessionOptions(command: Command): Command {
  command
    .option("--max-requests <number>", "end by itself after so many requests")
    .option("--for <duration>", "end by itself after so long, like 30s, 10m or 2h");
  return addJoinOptions(command);
}

/** How the session lives, and what it says. */
export function addJoinOptions(command: Command): Command {
  return addAgentOptions(command)
    .option(
      "--take-over",
      "ask another session for its place, and take over connections that exist already: idle ones are reset",
      false,
    )
    .option("--keep", "do not give this place to a session that asks for it with --take-over", false)
    .addOption(
      new Option("--redirect <way>", "how packets are caught").choices([...redirectBackends]).default("auto"),
    )
    .option(
      "--drain-max <duration>",
      "how long connections of others may hold an agent that everybody has left, before it resets them",
      "12h",
    )
    .option(
      "--budget <limits>",
      "what the agent may cost others before it gives the ports back (default: latency=250ms,loop=400ms,memory=1GB)",
    )
    .option(
      "--replicas <number>",
      "how many pods of the target are covered at most; all: those that come later, too",
      "all",
    )
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
    .option("--inspect", "show requests live on a page of this machine; its URL is told", false)
    .option("--inspect-port <port>", "the port of that page (default: any that is free)")
    .option("--trace", "tell the decision on every request of the ports", false)
    .addOption(outputOption());
}

/** What the repeatable flags of a filter are when they are not given. */
export const noFilterGiven = { header: [], path: [], method: [], host: [], query: [], grpc: [], filter: [] };

/** What repeatable flags are when they are not given. */
export const notGiven = { port: [], ...noFilterGiven };
