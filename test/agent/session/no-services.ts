import type { SessionContext } from "../../../src/agent/session/index.ts";

function refuse(stream: { reset(code: "refused", text: string): void }): undefined {
  stream.reset("refused", "nothing is served here");
}

/** For sessions that open no streams. */
export const noServices: SessionContext["services"] = {
  outgoing: { connect: refuse, connectUnix: refuse, datagrams: refuse },
  files: { serve: refuse },
};
