import { MadeFiles, pathCalls } from "./calls/path/index.ts";
import type { FileView } from "./pod-view.ts";
import type { SandboxEvents } from "./sandbox.ts";
import type { AnsweredCall, CallModule } from "./supervisor/index.ts";

/** Who hears of held calls. */
interface Tellers {
  readonly onNotice: (message: string) => void;
  /** Left out where nobody wants to know. */
  readonly onAnswered?: (call: AnsweredCall) => void;
}

export function tellers(events: SandboxEvents): Tellers {
  return {
    onNotice: (message) => events.onNotice(message),
    ...(events.onAnswered === undefined ? {} : { onAnswered: (call) => events.onAnswered?.(call) }),
  };
}

/** The module that answers calls about paths by what the program is to see. What it needs is disposed of by `stack`. */
export function pathModule(
  { rules, rootDescriptor, made, remade }: FileView,
  about: Tellers & { stack: AsyncDisposableStack },
): CallModule {
  const { stack, onAnswered, onNotice } = about;
  const contents = stack.use(new MadeFiles());
  for (const [path, content] of made) contents.set(path, content);
  return pathCalls({
    ...{ rules, rootDescriptor, made: contents, traces: onAnswered !== undefined, onNotice },
    remake: async (path) => {
      const content = await remade?.(path);
      if (content !== undefined) contents.set(path, content);
    },
  });
}
