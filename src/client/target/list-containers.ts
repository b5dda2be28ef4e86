import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isRecord, parseJson } from "../text/json.ts";

/** What runs containers on this machine, in the order they are asked. */
export const containerTools = ["podman", "docker"] as const;

/** A container of this machine. */
export interface LocalContainer {
  readonly name: string;
  readonly tool: string;
  readonly image: string;
  readonly isRunning: boolean;
}

/** How containers are asked for, and how long an answer may take and be. */
export const listing = ["ps", "--all", "--no-trunc", "--format", "{{json .}}"];
export const answerBounds = { timeout: 10_000, maxBuffer: 64 * 1024 * 1024 };

/** The containers that podman and docker know of, running ones first; none where neither is there or may be asked. */
export async function listContainers(
  options: { tools?: readonly string[]; signal?: AbortSignal } = {},
): Promise<LocalContainer[]> {
  const { tools = containerTools, signal } = options;
  const asked = tools.map(async (tool) => {
    const text = await run(tool, listing, {
      ...answerBounds,
      ...(signal === undefined ? {} : { signal }),
    }).then(
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
/** Reads what {@link listing} gives. */
export function readListing(tool: string, text: string): LocalContainer[] {
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
