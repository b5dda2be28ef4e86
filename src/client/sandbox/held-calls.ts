import { MadeFiles, pathCalls } from "./calls/path/index.ts";
import type { FileView } from "./pod-view.ts";
import type { CallModule } from "./supervisor/index.ts";

/** The module that answers calls about paths by what the program is to see. What it needs is disposed of by `stack`. */
export function pathModule(
  { rules, rootDescriptor, expect, made }: FileView,
  about: { stack: AsyncDisposableStack; traces: boolean; onNotice: (message: string) => void },
): CallModule {
  const { stack, traces, onNotice } = about;
  const contents = stack.use(new MadeFiles());
  for (const [path, content] of made) contents.set(path, content);
  return pathCalls({ rules, rootDescriptor, expect, made: contents, traces, onNotice });
}
