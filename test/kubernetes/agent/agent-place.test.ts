import t from "tap";
import { ephemeralAgents, pendingAgents } from "../../../src/kubernetes/agent/agent-place.ts";

const run = ["run", "--runtime-dir", "auto"];

/** A pod with these ephemeral containers, each in a state. */
function podOf(
  ...containers: readonly {
    name: string;
    image?: string;
    command?: string[];
    args?: string[];
    state?: object;
  }[]
) {
  return {
    metadata: { name: "web", namespace: "shop" },
    spec: {
      containers: [{ name: "app" }],
      ephemeralContainers: containers.map(({ name, image = "", command = [], args = [] }) => ({
        name,
        image,
        command,
        args,
      })),
    },
    status: {
      ephemeralContainerStatuses: containers.flatMap(({ name, state }) =>
        state === undefined ? [] : [{ name, state }],
      ),
    },
  };
}

void t.test(
  "an agent is known by what is run, whatever it is called; the newest first; none that has ended",
  (t) => {
    const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
    const newer = { running: { startedAt: "2026-01-01T00:01:00Z" } };
    const pod = podOf(
      { name: "magpie-1", command: ["magpie-agent"], args: run, state: { terminated: { exitCode: 0 } } },
      { name: "debugger-x7", image: "mirror.example/tools/magpie-agent@sha256:1", args: run, state: running },
      { name: "shell", image: "busybox", command: ["sh"], state: running },
      {
        name: "other",
        image: "mirror.example/x:1",
        command: ["/usr/local/bin/magpie-agent", ...run],
        state: newer,
      },
      { name: "asks", image: "x", command: ["magpie-agent", "ticket"], state: running },
    );
    t.same(
      ephemeralAgents(pod).map(({ container }) => container),
      ["other", "debugger-x7"],
    );
    t.end();
  },
);

void t.test(
  "those that are about to run are neither running nor over, in the order of the spec: new ones stand in front",
  (t) => {
    const agent = { command: ["magpie-agent"], args: run };
    const pod = podOf(
      { name: "a", ...agent, state: { terminated: { exitCode: 1 } } },
      { name: "b", ...agent, state: { waiting: { reason: "ContainerCreating" } } },
      { name: "c", ...agent },
      { name: "d", ...agent, state: { running: {} } },
    );
    t.same(
      pendingAgents(pod).map(({ container }) => container),
      ["b", "c"],
    );
    t.end();
  },
);
