/** The developer's end: takes connections on a port of its own and lets them leave from the pod, as `exec` does. */
import { RuledOutgoing } from "../../src/client/outgoing/index.ts";
import { Acceptor, type Endpoint, localEndpoint, openListener } from "../../src/kernel/index.ts";
import { encodeClientOpening } from "../../src/protocol/index.ts";
import { AgentSession } from "../../test/fixtures/agent-session.ts";
import { serveCalls } from "../../test/fixtures/calls.ts";

/** Kept, as it accepts for as long as this process runs. */
let acceptor: Acceptor | undefined;

const operations = {
  /** Joins the agent of a pod, and gives the port by which `to` is reached. */
  open: async (about: { podName: string; runtimeDirectory: string; to: Endpoint }): Promise<number> => {
    const session = await AgentSession.join({
      pod: { name: about.podName },
      runtimeDirectory: { path: about.runtimeDirectory },
    });
    const outgoing = new RuledOutgoing({
      openStream: (opening, events) => session.open(encodeClientOpening(opening), events),
      decide: (to) => ({ where: "remote", to }),
    });
    const to = { protocol: "tcp", endpoint: about.to } as const;
    const { signal } = new AbortController();
    const listener = openListener(
      { family: 4, address: "127.0.0.1", port: 0 },
      { transparent: false, backlog: 64 },
    );
    acceptor = new Acceptor({
      listeners: [listener],
      onAccepted: ({ fd }) =>
        void outgoing.connect(to, { signal }).then(
          (connection) => connection.join(fd),
          (error: unknown) => console.error(error),
        ),
      onError: (error) => {
        acceptor?.close();
        console.error(error);
      },
    });
    return localEndpoint(listener).port;
  },
};
export type RelayOperations = typeof operations;

serveCalls(operations);
