import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type Cell, exitCode, type Feature, pod, type Program } from "./cell.ts";

const source = (name: string): string => fileURLToPath(new URL(`sources/${name}`, import.meta.url));
const { service, echo, redis } = pod;
const cannot = (why: string): Cell => ({ cannot: why });
const fromProgram = "from the program";

/** All rows. `built` is the folder with the programs that `buildPrograms` has made. */
export function programs(built: string): Program[] {
  return [
    { name: "curl", cells: curl },
    { name: "wget", cells: wget },
    { name: "python3", cells: probe("python3", source("probe.py")) },
    { name: "node", cells: probe(process.execPath, source("probe.mjs")) },
    { name: "node, c-ares", cells: { ...probe(process.execPath, source("probe.mjs")), DNS: cares } },
    { name: "Go, static", cells: probe(join(built, "probe-go")) },
    { name: "C, static", cells: probe(join(built, "probe-static")) },
    { name: "C, musl", cells: probe(join(built, "probe-musl")) },
    { name: "bash and children", cells: bash(join(built, "probe-static")) },
    { name: "busybox", cells: busybox },
    { name: "Java", cells: probe("java", "-cp", built, "Probe") },
    { name: "redis-cli", cells: redisCli },
  ];
}

/** A program that knows all that is asked: those in `sources` share their words. */
function probe(...command: readonly [string, ...string[]]): Record<Feature, Cell> {
  return {
    environment: { command: [...command, "env", pod.variable], says: pod.value },
    file: { command: [...command, "cat", pod.settings], says: pod.greeting },
    directory: { command: [...command, "ls", pod.directory], says: "settings.json" },
    TCP: { command: [...command, "tcp", service.address, service.port], says: service.item },
    UDP: { command: [...command, "udp", echo.name, echo.port, "how are you"], says: "how are you" },
    DNS: { command: [...command, "resolve", service.name], says: service.address },
    incoming: { command: [...command, "serve", pod.incoming, fromProgram], says: fromProgram },
    "exit code": { command: [...command, "exit", String(exitCode)], exits: exitCode },
  };
}

const cares: Cell = {
  command: [process.execPath, source("probe.mjs"), "resolve-cares", `${service.name}.shop.svc.cluster.local`],
  says: service.address,
};

const curl: Record<Feature, Cell> = {
  environment: cannot("has no option that prints a variable"),
  file: { command: ["curl", "-sS", `file://${pod.settings}`], says: pod.greeting },
  directory: cannot("lists no directories"),
  TCP: { command: ["curl", "-sS", `http://${service.address}/items`], says: service.item },
  UDP: cannot("speaks UDP for DNS only"),
  DNS: { command: ["curl", "-sS", `http://${service.name}/items`], says: service.item },
  incoming: cannot("is a client"),
  // 7 is its word for a connection that was refused: nothing listens on port 1.
  "exit code": { command: ["curl", "-sS", `http://${service.address}:1/`], exits: 7 },
};

const wget: Record<Feature, Cell> = {
  environment: cannot("has no option that prints a variable"),
  file: { command: ["wget", "-qO-", "-i", pod.addresses], says: service.item },
  directory: cannot("lists no directories"),
  TCP: { command: ["wget", "-qO-", `http://${service.address}/items`], says: service.item },
  UDP: cannot("speaks UDP for DNS only"),
  DNS: { command: ["wget", "-qO-", `http://${service.name}/items`], says: service.item },
  incoming: cannot("is a client"),
  // 4 is its word for a failure of the network.
  "exit code": { command: ["wget", "-q", "-t", "1", `http://${service.address}:1/`], exits: 4 },
};

function bash(child: string): Record<Feature, Cell> {
  const script = (text: string): readonly [string, ...string[]] => ["bash", "-c", text];
  const request = 'printf "GET /items HTTP/1.0\\r\\n\\r\\n" >&3';
  return {
    environment: { command: script(`sh -c 'echo $${pod.variable}' | cat`), says: pod.value },
    file: { command: script(`cat <${pod.settings} | head -c 4096`), says: pod.greeting },
    directory: {
      command: script(`for file in ${pod.directory}/*; do basename "$file"; done`),
      says: "settings.json",
    },
    TCP: {
      command: script(`exec 3<>/dev/tcp/${service.address}/${service.port}; ${request}; cat <&3`),
      says: service.item,
    },
    UDP: {
      command: script(`exec 3<>/dev/udp/${echo.name}/${echo.port}; printf hello >&3; head -c 5 <&3`),
      says: "hello",
    },
    DNS: { command: script(`getent ahostsv4 ${service.name} | cat`), says: service.address },
    incoming: {
      command: script(`${child} serve ${pod.incoming} '${fromProgram}' & wait`),
      says: fromProgram,
    },
    "exit code": { command: script(`(sh -c 'exit ${exitCode}')`), exits: exitCode },
  };
}

const busybox: Record<Feature, Cell> = {
  environment: { command: ["busybox", "sh", "-c", `echo $${pod.variable}`], says: pod.value },
  file: { command: ["busybox", "cat", pod.settings], says: pod.greeting },
  directory: { command: ["busybox", "ls", "-la", pod.directory], says: "settings.json" },
  TCP: { command: ["busybox", "wget", "-qO-", `http://${service.address}/items`], says: service.item },
  UDP: { command: ["busybox", "nslookup", `${service.name}.shop.svc.cluster.local`], says: service.address },
  DNS: { command: ["busybox", "wget", "-qO-", `http://${service.name}/items`], says: service.item },
  incoming: {
    command: [
      ...(["busybox", "sh", "-c"] as const),
      `while :; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\n${fromProgram}' | busybox nc -l -p ${pod.incoming}; done`,
    ],
    says: fromProgram,
  },
  "exit code": { command: ["busybox", "sh", "-c", `exit ${exitCode}`], exits: exitCode },
};

const redisCli: Record<Feature, Cell> = {
  environment: cannot("has no option that prints a variable"),
  file: { command: ["redis-cli", "-h", redis.address, "--eval", pod.script], says: pod.greeting },
  directory: cannot("lists no directories"),
  TCP: { command: ["redis-cli", "-h", redis.address, "ping"], says: "PONG" },
  UDP: cannot("speaks UDP for DNS only"),
  DNS: { command: ["redis-cli", "-h", redis.name, "ping"], says: "PONG" },
  incoming: cannot("is a client"),
  "exit code": { command: ["redis-cli", "-h", redis.address, "-p", "1", "ping"], exits: 1 },
};
