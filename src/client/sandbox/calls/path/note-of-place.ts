import { shownPath } from "../../../files/index.ts";
import type { Place } from "./path-request.ts";

/** What a call was about, for `--trace`. */
export function noteOf({ side, path, mode, because }: Place): string {
  const whose = { here: "local", made: "made", pod: mode }[side];
  return `${shownPath(path)}: ${whose} (${because})`;
}
