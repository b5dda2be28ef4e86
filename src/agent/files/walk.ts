import { FileKind, KernelError } from "../../kernel/files/index.ts";
import { MAX_FILE_PATH_BYTES, type Walked, type WalkStep } from "../../protocol/files/index.ts";
import { isKind, lookUp } from "./look-up.ts";
import { withFile } from "./place-of-path.ts";

/** As the kernel's own bound (path_resolution(7)). */
const MAX_LINKS = 40;
/** More is not told: who wants the rest asks for it. */
const MAX_STEPS = 128;
const MAX_PATHS_BYTES = 64 * 1024;

/**
 * Looks at every file on the way that a path leads, from the first name on. A link is a step, and so is whatever it leads
 * past; the last name is one, too, and when it is a link that is followed as well.
 */
export function walk(root: number, path: Buffer): Walked {
  const steps: WalkStep[] = [];
  const left = namesOf(path.toString("latin1"));
  let passed: string[] = [];
  let pathsBytes = 0;
  for (let links = 0, name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === "." || name === "") continue;
    if (name === "..") {
      passed.pop();
      continue;
    }
    passed.push(name);
    const step = stepTo(root, passed.join("/"));
    steps.push(step);
    pathsBytes += step.path.length;
    if (step.errno !== null || steps.length === MAX_STEPS || pathsBytes > MAX_PATHS_BYTES) break;
    if (step.target === null) {
      if (left.length > 0 && !isKind(step.attributes, FileKind.directory)) break;
      continue;
    }
    if (++links > MAX_LINKS) break;
    const target = step.target.toString("latin1");
    if (target.startsWith("/")) passed = [];
    else passed.pop();
    left.push(...namesOf(target));
  }
  return { steps };
}

/** The last name first. */
function namesOf(path: string): string[] {
  return path.split("/").reverse();
}

function stepTo(root: number, name: string): WalkStep {
  const path = Buffer.from(name, "latin1");
  try {
    if (path.length > MAX_FILE_PATH_BYTES) return { path: path.subarray(0, 0), errno: "ENAMETOOLONG" };
    return { path, errno: null, ...withFile(root, path, lookUp) };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return { path, errno: error.code };
  }
}
