import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";
import { isRecord, parseJson } from "../text/json.ts";

/** What runs containers on this machine, in the order they are asked. */
export const containerTools = ["podman", "docker"] as const;
const answerTimeoutMs = 10_000;
const maxShown = 20;

/** A container of this machine. */
export interface LocalContainer {
  readonly name: string;
  readonly tool: string;
  readonly image: string;
  readonly isRunning: boolean;
}

/**
 * The first process of a running container, as this machine counts it.
 * @throws ClientError `target-unknown` with the names there are; `target-unready` when it does not run.
 */
export function processOfContainer(name: string, options: { tools?: readonly string[] } = {}): number {
  const label = `container:${name}`;
  const asked: string[] = [];
  for (const tool of options.tools ?? containerTools) {
    const answer = ask(tool, ["container", "inspect", name]);
    if (answer === "missing") continue;
    asked.push(tool);
    if (answer === undefined) continue;
    const inspected = parseJson(answer);
    const [first] = Array.isArray(inspected) ? (inspected as unknown[]) : [];
    const state = isRecord(first) ? first["State"] : undefined;
    const { Pid: pid, Status: status } = isRecord(state) ? state : {};
    if (typeof pid === "number" && pid > 0) return pid;
    const word = typeof status === "string" ? status : "not running";
    throw new ClientError("target-unready", `${label}: it is ${word}`, {
      hint: `\`${tool} start ${name}\` starts it.`,
    });
  }
  if (asked.length === 0) {
    throw new ClientError("target-unknown", `${label}: neither podman nor docker is on this machine`, {
      hint: "pid:<number> names a process of the container as well.",
    });
  }
  throw new ClientError("target-unknown", `${label}: ${asked.join(" and ")} know no container of this name`, {
    hint: hintOfNames(
      name,
      asked.flatMap((tool) => readListing(tool, ask(tool, listing) ?? "")),
    ),
  });
}

/** The containers that podman and docker know of, running ones first; none where neither is there or may be asked. */
export async function listContainers(
  options: { tools?: readonly string[]; signal?: AbortSignal } = {},
): Promise<LocalContainer[]> {
  const { tools = containerTools, signal } = options;
  const asked = tools.map(async (tool) => {
    const text = await run(tool, listing, { ...bounds, ...(signal === undefined ? {} : { signal }) }).then(
      ({ stdout }) => stdout,
      () => "", // It is not there, or does not answer this user.
    );
    return readListing(tool, text);
  });
  const found = (await Promise.all(asked)).flat();
  // `docker` may be podman under another name.
  const byName = new Map(found.toReversed().map((container) => [container.name, container]));
  return [...byName.values()].toSorted(
    (a, b) => Number(b.isRunning) - Number(a.isRunning) || a.name.localeCompare(b.name),
  );
}

const run = promisify(execFile);
const listing = ["ps", "--all", "--no-trunc", "--format", "{{json .}}"];
const bounds = { timeout: answerTimeoutMs, maxBuffer: 64 * 1024 * 1024 };

function readListing(tool: string, text: string): LocalContainer[] {
  const whole = parseJson(text);
  // docker prints a line for each; podman one list, over many lines.
  const items: unknown[] = Array.isArray(whole) ? whole : text.split("\n").map(parseJson);
  return items.flatMap((item) => readListed(tool, item));
}

function readListed(tool: string, item: unknown): LocalContainer[] {
  // What holds a pod's namespaces is nobody's target.
  if (!isRecord(item) || item["IsInfra"] === true) return [];
  // podman gives a list of names, docker one text.
  const { Names: names, Image: image, State: state } = item;
  const name = Array.isArray(names)
    ? String(names[0])
    : typeof names === "string"
      ? names.split(",")[0]
      : undefined;
  if (name === undefined) return [];
  return [{ name, tool, image: typeof image === "string" ? image : "", isRunning: state === "running" }];
}

/** Gives what it says; undefined when it fails, "missing" without the tool. */
function ask(tool: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(tool, [...args], {
      ...bounds,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? "missing" : undefined;
  }
}

function hintOfNames(name: string, containers: readonly LocalContainer[]): string {
  const names = containers.filter(({ isRunning }) => isRunning).map(({ name }) => name);
  if (names.length === 0) return "None is running.";
  const meant = closest(name, names);
  const shown = names.slice(0, maxShown).join(", ") + (names.length > maxShown ? ", …" : "");
  return `${meant === undefined ? "" : `Did you mean container:${meant}? `}There are: ${shown}.`;
}
