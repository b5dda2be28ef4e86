import { isIP } from "node:net";
import { basename } from "node:path";
import type { PodProbe } from "../../protocol/index.ts";
import { simpleCommands } from "./shell-words.ts";
import type { SpecProbe } from "./spec-probe.ts";

type CommandProbe = Omit<SpecProbe, "role" | "container">;

/**
 * A command that the container's runtime runs as a probe. Nothing of it can be diverted, except what it asks the app itself over the
 * pod's network: that passes the same port as anybody's request.
 */
export function commandProbe(command: readonly string[], name: string): CommandProbe {
  const does = `runs ${shown(command)}`;
  for (const words of commandsOf(command)) {
    const asked = askedBy(words);
    if (asked === undefined) continue;
    if (asked.tells === "bytes")
      return {
        port: asked.port,
        does,
        known: undefined,
        caveat: `it speaks to port ${asked.port} in what is no HTTP: stolen without a filter, that port takes the probe too`,
      };
    const { port, kind, path, userAgent, serverName, isChecked } = asked;
    if (!isChecked)
      return {
        port,
        does,
        known: undefined,
        caveat: `its request to port ${port} cannot be told from others: it goes where your filter sends it`,
      };
    return { port, does, known: { name, kind, path, headers: [], userAgent, serverName } };
  }
  return {
    port: undefined,
    does,
    known: undefined,
    ...(isPlain(command)
      ? {}
      : {
          caveat:
            "if it asks the app over the network, that goes where your filter sends it; `magpie why` shows it",
        }),
  };
}

interface AskedApp extends Pick<PodProbe, "kind" | "path" | "userAgent" | "serverName"> {
  readonly tells: "request";
  readonly port: number;
  /** Method and path are what a probe's can be told by. */
  readonly isChecked: boolean;
}

/** Commands that look at files and processes only. */
function isPlain(command: readonly string[]): boolean {
  const plain = new Set([
    "cat",
    "test",
    "[",
    "ls",
    "stat",
    "pgrep",
    "pidof",
    "true",
    "kill",
    "ps",
    "find",
    "grep",
    "sleep",
  ]);
  return commandsOf(command).every(([program = ""]) => plain.has(basename(program)));
}

const shells = new Set(["sh", "bash", "ash", "dash", "zsh"]);

function commandsOf(command: readonly string[]): string[][] {
  const [program = "", ...rest] = command;
  if (!shells.has(basename(program))) return [[...command]];
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  const script = flag === -1 ? undefined : rest[flag + 1];
  return script === undefined ? [[...command]] : simpleCommands(script).map(withoutPrefix);
}

/** `exec curl …`, `timeout 2 curl …` and `! curl …` are curl's. */
function withoutPrefix(words: string[]): string[] {
  const [first = "", second = ""] = words;
  if (["exec", "!", "then", "do", "if", "time"].includes(first)) return withoutPrefix(words.slice(1));
  if (basename(first) === "timeout" && words.length > 2)
    return withoutPrefix(words.slice(second.startsWith("-") ? 3 : 2));
  if (/^\w+=/.test(first)) return withoutPrefix(words.slice(1));
  return words;
}

function askedBy(
  words: readonly string[],
): AskedApp | { readonly tells: "bytes"; readonly port: number } | undefined {
  const [program = "", ...options] = words;
  switch (basename(program)) {
    case "curl":
      return askedByUrl(readOptions(options, curlValues), { agent: "curl/", bodies: curlBodies });
    case "wget":
      return askedByUrl(readOptions(options, wgetValues), { agent: "Wget", bodies: ["post-data"] });
    case "grpc_health_probe":
    case "grpc-health-probe":
      return askedHealth(options);
    case "nc":
    case "ncat":
      return askedByNetcat(options);
    case "redis-cli":
      return bytesTo(options, { flag: "-p", port: 6379 });
    case "pg_isready":
    case "psql":
      return bytesTo(options, { flag: "-p", port: 5432 });
    default:
      return undefined;
  }
}

interface ReadOptions {
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  readonly operands: readonly string[];
}

/** Options of curl and wget that take a value; others are flags. */
const curlValues =
  /^(?:[AbcCdDeEFHKmoPQrtTuUwxXyYz]|max-time|connect-timeout|output|header|user-agent|request|data|data-raw|url|user|retry|retry-delay|retry-max-time|write-out|cacert|cert|key|resolve|unix-socket)$/;
const wgetValues = /^(?:[OoTtUwPaiQ]|timeout|tries|user-agent|header|output-document|post-data)$/;
/** With these curl sends a body. */
const curlBodies = ["d", "data", "data-raw", "F", "T"];

function readOptions(words: readonly string[], takesValue: RegExp): ReadOptions {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const long = /^--([\w-]+)(?:=(.*))?$/.exec(word);
    if (long !== null) {
      const [, name = "", value] = long;
      if (value !== undefined) values.set(name, value);
      else if (takesValue.test(name)) values.set(name, words[++at] ?? "");
      else flags.add(name);
    } else if (/^-\w/.test(word)) {
      for (let letter = 1; letter < word.length; letter++) {
        const name = word[letter] ?? "";
        if (!takesValue.test(name)) {
          flags.add(name);
          continue;
        }
        values.set(name, word.slice(letter + 1) || (words[++at] ?? ""));
        break;
      }
    } else operands.push(word);
  }
  return { values, flags, operands };
}

function askedByUrl(
  { values, flags, operands }: ReadOptions,
  about: { readonly agent: string; readonly bodies: readonly string[] },
): AskedApp | undefined {
  if (values.has("unix-socket")) return undefined;
  for (const text of [...operands, values.get("url") ?? ""]) {
    const url = urlOf(text);
    if (url === undefined || !isOwnHost(url.hostname)) continue;
    const isTls = url.protocol === "https:";
    const method = values.get("X") ?? values.get("request") ?? "GET";
    const sends = about.bodies.some((name) => values.has(name));
    const isAsked = /^(?:GET|HEAD)$/i.test(method) && !sends && !(isTls && flags.has("I"));
    const host = url.hostname.replace(/^\[|\]$/g, "");
    return {
      tells: "request",
      kind: isTls ? "https" : "exec",
      port: Number(url.port) || (isTls ? 443 : 80),
      path: url.pathname + url.search,
      userAgent: values.get("A") ?? values.get("U") ?? values.get("user-agent") ?? about.agent,
      serverName: isTls && isIP(host) === 0 && /^[\w.-]+$/.test(host) ? host : null,
      isChecked: isAsked,
    };
  }
  return undefined;
}

function askedHealth(options: readonly string[]): AskedApp | undefined {
  const text = options.join(" ");
  const address = /(?:^| )--?addr[= ](\S+)/.exec(text)?.[1] ?? "";
  const [, host = "", port] = /^(.*?):(\d+)$/.exec(address) ?? [];
  if (port === undefined || !isOwnHost(host)) return undefined;
  const isTls = /(?:^| )--?tls(?: |=true|$)/.test(text);
  const userAgent = /(?:^| )--?user-agent[= ](\S+)/.exec(text)?.[1] ?? "grpc_health_probe";
  return {
    ...{ tells: "request", kind: "exec", port: Number(port), path: null, userAgent, serverName: null },
    isChecked: !isTls,
  };
}

/** `nc -z` connects and closes; else it says whatever stands before it in the pipe. */
function askedByNetcat(options: readonly string[]): AskedApp | { tells: "bytes"; port: number } | undefined {
  const { flags, operands } = readOptions(options, /^(?:[wpsqiX]|wait)$/);
  const [host = "", port = ""] = operands;
  if (!isOwnHost(host) || !/^\d+$/.test(port)) return undefined;
  if (!flags.has("z")) return { tells: "bytes", port: Number(port) };
  const bare = { kind: "tcp", path: null, userAgent: null, serverName: null } as const;
  return { tells: "request", port: Number(port), ...bare, isChecked: true };
}

function bytesTo(
  options: readonly string[],
  about: { readonly flag: string; readonly port: number },
): { tells: "bytes"; port: number } | undefined {
  const host = valueBehind(options, "-h");
  if (host !== undefined && !isOwnHost(host)) return undefined;
  const port = Number(valueBehind(options, about.flag) ?? about.port);
  return Number.isInteger(port) ? { tells: "bytes", port } : undefined;
}

function valueBehind(options: readonly string[], flag: string): string | undefined {
  const at = options.indexOf(flag);
  return at === -1 ? undefined : options[at + 1];
}

/** What curl takes for a URL; a variable stands for the pod's own name or address. */
function urlOf(text: string): URL | undefined {
  const plain = text.replace(/\$\{?\(?(?:POD_IP|HOSTNAME|POD_NAME|MY_POD_IP)\)?\}?/g, "localhost");
  if (plain === "" || plain.includes("$")) return undefined;
  return URL.parse(/^[a-z]+:\/\//i.test(plain) ? plain : `http://${plain}`) ?? undefined;
}

function isOwnHost(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, "");
  if (/^\$\{?\(?(?:POD_IP|HOSTNAME|POD_NAME|MY_POD_IP)\)?\}?$/.test(plain)) return true;
  return (
    plain === "" ||
    plain === "localhost" ||
    plain === "::1" ||
    plain === "0.0.0.0" ||
    plain.startsWith("127.")
  );
}

function shown(command: readonly string[]): string {
  const text = command.map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
