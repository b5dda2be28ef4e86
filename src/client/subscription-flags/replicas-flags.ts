import { ClientError } from "../errors.ts";

/** Reads `--replicas`: null is all of them. @throws ClientError `usage` */
export function replicasOf(text: string): number | null {
  if (text === "all") return null;
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  throw new ClientError("usage", `--replicas ${JSON.stringify(text)} is neither a number above 0 nor all`, {
    hint: "Write how many replicas are to be covered at most, like 1, or all.",
  });
}
