import { ClientError } from "../errors.ts";

/** Reads the priority of a steal. @throws ClientError `usage` */
export function parsePriority(text: string): number {
  const priority = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (priority >= -(2 ** 31) && priority < 2 ** 31) return priority;
  throw new ClientError("usage", `--priority ${JSON.stringify(text)} is not a whole number of 32 bits`, {
    hint: "Sessions of a higher priority are asked first; 0 is the usual one.",
  });
}
