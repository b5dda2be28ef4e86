import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { listContainers, runtimeDirectoryOf } from "../target/index.ts";

/** Something of this machine that `--target` may name. */
export interface LocalListing {
  /** As it is written after `--target`. */
  readonly target: string;
  /** The image of a container, and what runs it; empty for a namespace. */
  readonly image: string;
  readonly tool: string;
  readonly isRunning: boolean;
  /** An agent runs there, as far as this user may see. */
  readonly hasAgent: boolean;
}

const answerTimeoutMs = 1_000;

/** The network namespaces that `ip netns` names, and the containers of podman and docker. */
export async function listLocalTargets(
  options: {
    readonly namesDirectory?: string;
    readonly tools?: readonly string[];
    readonly signal?: AbortSignal;
  } = {},
): Promise<LocalListing[]> {
  const { namesDirectory = "/run/netns", tools, signal } = options;
  const asked = { ...(tools === undefined ? {} : { tools }), ...(signal === undefined ? {} : { signal }) };
  const [namespaces, containers] = await Promise.all([
    Promise.all(namesIn(namesDirectory).map((name) => namespaceListing(namesDirectory, name))),
    listContainers(asked),
  ]);
  return [
    ...namespaces,
    ...containers.map(({ name, image, tool, isRunning }) => ({
      target: `container:${name}`,
      image,
      tool,
      isRunning,
      hasAgent: false,
    })),
  ];
}

async function namespaceListing(directory: string, name: string): Promise<LocalListing> {
  const target = `netns:${name}`;
  return { target, image: "", tool: "", isRunning: true, hasAgent: await hasAgent(join(directory, name)) };
}

/** Whether somebody listens at the agent's socket: the file alone may be left of an agent that was killed. */
async function hasAgent(netnsPath: string): Promise<boolean> {
  try {
    const { ino } = statSync(netnsPath, { bigint: true });
    const socket = connect(join(runtimeDirectoryOf({ netnsInode: ino }), "agent.sock"));
    try {
      await once(socket, "connect", { signal: AbortSignal.timeout(answerTimeoutMs) });
      return true;
    } finally {
      socket.destroy();
    }
  } catch {
    return false; // None, or one of another user.
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return []; // `ip netns add` was never run here.
  }
}
