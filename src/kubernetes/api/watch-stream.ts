import type { Readable } from "node:stream";
import { errorOfAnswer, errorOfConnection } from "./api-failure.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import type { KubernetesObject } from "./objects.ts";

/** One thing that changed. A bookmark's object has nothing but the version up to which all has been told. */
export interface WatchEvent<Item extends KubernetesObject> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: Item;
}

/** A pod may be 1.5 MB (etcd's limit) and its JSON on the wire somewhat more. */
const maxLineLength = 8 * 1024 * 1024;

/** Reads the lines of a watch. @throws KubernetesError for what the API server says in an ERROR event, `gone` among it. */
export async function* readWatch<Item extends KubernetesObject>(
  lines: Readable,
  cluster: ClusterAccess,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent<Item>, void, undefined> {
  let rest = "";
  try {
    for await (const chunk of lines.setEncoding("utf8")) {
      const parts = (rest + String(chunk)).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > maxLineLength) throw new Error("a line of the watch does not end");
      for (const line of parts) if (line !== "") yield read<Item>(line, cluster);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw errorOfConnection(cause, cluster);
  }
}

function read<Item extends KubernetesObject>(line: string, cluster: ClusterAccess): WatchEvent<Item> {
  const event = JSON.parse(line) as { type: string; object: Item }; // metav1.WatchEvent
  if (event.type !== "ERROR") return event as WatchEvent<Item>; // The four types that are no error.
  const status = (event.object as { code?: number }).code ?? 500; // A Status, in an ERROR event.
  const asked = { line: "a watch", access: undefined };
  throw errorOfAnswer({ status, body: JSON.stringify(event.object), asked }, cluster);
}
