import type { FilesOpening } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";

/** The pod's files, for sessions: answers what a stream of `files` asks. */
export class PodFiles {
  serve(stream: TunnelStream, _opening: FilesOpening): StreamEvents | undefined {
    stream.reset("refused", "not served");
    return undefined;
  }
}
