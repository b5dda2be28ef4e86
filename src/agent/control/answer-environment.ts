import { setTimeout as delay } from "node:timers/promises";
import {
  environmentPartBody,
  type EnvironmentQuestion,
  type EnvironmentSource,
} from "../../protocol/index.ts";
import { codeOf, ContextError, type Environment, environmentOf } from "../context/index.ts";
import type { Asker } from "./asker.ts";

/** Bytes in one answer: a question that waits behind it waits for little. */
const PART_BYTES = 48 * 1024;
/** How long a tunnel that is full of messages is left alone. */
const BUSY_TUNNEL_MS = 20;

/**
 * Tells the environment of a process: whose it is, then its bytes in parts. They are in no log: whoever asks could have read
 * them in the pod.
 */
export async function answerEnvironment(
  { process }: EnvironmentQuestion,
  asker: Asker,
  container?: string,
): Promise<void> {
  let environment: Environment;
  try {
    environment = await environmentOf(process, container);
  } catch (error) {
    // Whatever a look at /proc ends in, the agent serves on.
    if (error instanceof ContextError) return asker.refuse(error.code, error.message);
    return asker.refuse("not-seen", `the processes of the pod could not be looked at: ${codeOf(error)}`);
  }
  await tell(environment, asker);
}

async function tell({ pid, name, because, block }: Environment, asker: Asker): Promise<void> {
  const source: EnvironmentSource = { process: pid, name, because, byteLength: block.length };
  asker.tell(source);
  let at = 0;
  for (; block.length - at > PART_BYTES; at += PART_BYTES) {
    const hasRoom = asker.tell(environmentPartBody(block.subarray(at, at + PART_BYTES)));
    if (!hasRoom) await delay(BUSY_TUNNEL_MS);
    if (asker.signal.aborted) break;
  }
  asker.finish(environmentPartBody(block.subarray(at)));
  block.fill(0);
}
