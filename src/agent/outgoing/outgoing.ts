import type { ConnectOpening, ConnectUnixOpening, DatagramsOpening } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";

/** The pod's network, for sessions: connections and datagrams that leave from the pod, as its own processes' would. */
export class Outgoing {
  connect(stream: TunnelStream, _opening: ConnectOpening): StreamEvents | undefined {
    stream.reset("refused", "not served");
    return undefined;
  }

  connectUnix(stream: TunnelStream, _opening: ConnectUnixOpening): StreamEvents | undefined {
    stream.reset("refused", "not served");
    return undefined;
  }

  datagrams(stream: TunnelStream, _opening: DatagramsOpening): StreamEvents | undefined {
    stream.reset("refused", "not served");
    return undefined;
  }
}
