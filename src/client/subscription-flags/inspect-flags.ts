import { ClientError } from "../errors.ts";

/** The flags of a page that shows what passes. */
export interface InspectFlags {
  readonly inspect?: boolean;
  readonly inspectPort?: string;
}

/** Where the page is served. */
export interface InspectPlan {
  /** 0 is any that is free. */
  readonly port: number;
}

/** Undefined where no page is wanted from the begin. A port alone wants one, too. @throws ClientError `usage` */
export function inspectOf({ inspect = false, inspectPort }: InspectFlags): InspectPlan | undefined {
  if (inspectPort === undefined) return inspect ? { port: 0 } : undefined;
  const port = /^\d{1,5}$/.test(inspectPort) ? Number(inspectPort) : Number.NaN;
  if (port <= 65_535) return { port };
  throw new ClientError("usage", `--inspect-port ${JSON.stringify(inspectPort)} is no port`, {
    hint: "Write a number from 1 to 65535; without the flag any free port is taken.",
  });
}
