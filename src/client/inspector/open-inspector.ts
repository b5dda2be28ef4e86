import { packageVersion } from "../cli/version.ts";
import type { InspectionPoint } from "../running/inspection-point.ts";
import { Inspector } from "./inspector.ts";
import type { StoreLimits } from "./record/request-store.ts";
import { InspectorServer } from "./server/inspector-server.ts";

/** An inspector with its page. */
export interface OpenInspector extends AsyncDisposable {
  readonly inspector: Inspector;
  /** A secret. */
  readonly url: string;
}

/** Opens the inspector of a command, or one without a session. @throws ClientError `local-data` when the port cannot be had */
export async function openInspector(about: {
  readonly target: string;
  /** Undefined where nobody's session runs. */
  readonly point?: InspectionPoint | undefined;
  /** 0 for any that is free. */
  readonly port: number;
  readonly last: number;
  /** Why nothing can be done beyond looking, where nobody's session runs. */
  readonly offline?: string;
  readonly limits?: StoreLimits;
  readonly onNotice?: ((message: string) => void) | undefined;
}): Promise<OpenInspector> {
  const { target, point, port, last, offline, limits, onNotice } = about;
  await using stack = new AsyncDisposableStack();
  const inspector = stack.use(
    new Inspector({
      version: packageVersion(),
      target,
      last,
      offline,
      onNotice,
      ...(limits === undefined ? {} : { limits }),
    }),
  );
  const server = stack.use(await InspectorServer.listen(inspector, { port }));
  point?.watch(inspector);
  const owned = stack.move();
  return { inspector, url: server.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
