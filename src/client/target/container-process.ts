import { execFileSync } from "node:child_process";
import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";
import { isRecord, parseJson } from "../text/json.ts";
import {
  answerBounds,
  containerTools,
  listing,
  type LocalContainer,
  readListing,
} from "./list-containers.ts";

const maxShown = 20;

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

/** Gives what it says; undefined when it fails, "missing" without the tool. */
function ask(tool: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(tool, [...args], {
      ...answerBounds,
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
