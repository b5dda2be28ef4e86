import { ClientError } from "../errors.ts";

/** Reads the text after `--ignore-port`: a port that the program listens on. @throws ClientError `usage` */
export function parseIgnoredPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port > 0 && port <= 65_535) return port;
  throw new ClientError("usage", `--ignore-port ${JSON.stringify(text)} is no port`, {
    hint: "Write the port that the program listens on, from 1 to 65535.",
  });
}
