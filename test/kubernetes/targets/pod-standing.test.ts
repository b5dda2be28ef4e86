import t from "tap";
import type { ContainerState, Pod } from "../../../src/kubernetes/index.ts";
import { standingLine, standingOf } from "../../../src/kubernetes/targets/pod-standing.ts";
import { samplePod } from "../../fixtures/kubernetes/sample-objects.ts";

type Status = NonNullable<Pod["status"]>;

function status(
  state: ContainerState,
  more: Partial<NonNullable<Status["containerStatuses"]>[number]> = {},
): Status {
  return {
    phase: "Running",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [{ name: "app", ready: false, restartCount: 0, state, ...more }],
  };
}

void t.test("a pod that runs and is ready serves", async (t) => {
  t.same(standingOf(samplePod("web")), { isReady: true, isOver: false, word: "Running", because: "" });
});

void t.test("a pod that is not ready says what kubectl says, and why", async (t) => {
  const cases: [status: Status, line: string][] = [
    [
      status(
        { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s restarting failed container" } },
        { lastState: { terminated: { exitCode: 1, reason: "Error" } }, restartCount: 3 },
      ),
      "web: CrashLoopBackOff (container app: back-off 10s restarting failed container; it exited with 1 the last of 4 times)",
    ],
    [
      status({ waiting: { reason: "ImagePullBackOff", message: 'Back-off pulling image "app:2"' } }),
      'web: ImagePullBackOff (container app: Back-off pulling image "app:2")',
    ],
    [
      status({ terminated: { exitCode: 137, reason: "OOMKilled" } }),
      "web: OOMKilled (container app exited with 137, OOMKilled)",
    ],
    [status({ running: {} }), "web: Running (container app is not ready: its readiness probe fails)"],
    [
      {
        phase: "Pending",
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: "0/3 nodes are available",
          },
        ],
      },
      "web: Pending (0/3 nodes are available)",
    ],
    [
      {
        phase: "Pending",
        initContainerStatuses: [{ name: "migrate", state: { terminated: { exitCode: 2, reason: "Error" } } }],
        containerStatuses: [{ name: "app", state: { waiting: { reason: "PodInitializing" } } }],
      },
      "web: Init:Error (init container migrate: exited with 2)",
    ],
    [
      { phase: "Pending", initContainerStatuses: [{ name: "migrate", state: { running: {} } }] },
      "web: Init (init container migrate still runs)",
    ],
    [
      { phase: "Failed", reason: "Evicted", message: "the node was low on memory" },
      "web: Evicted (the node was low on memory)",
    ],
    [{ phase: "Succeeded" }, "web: Completed"],
  ];
  for (const [status, line] of cases) {
    const pod = samplePod("web", { status });
    t.equal(standingLine(pod), line);
    t.equal(standingOf(pod).isReady, false, line);
  }
});

void t.test("a native sidecar that has started is no trouble", async (t) => {
  const spec = { initContainers: [{ name: "istio-proxy", restartPolicy: "Always" }] };
  const running = { name: "istio-proxy", started: true, state: { running: {} } };
  const pod = samplePod("web", {
    spec,
    status: {
      ...status({ waiting: { reason: "ErrImagePull", message: "no such image" } }),
      initContainerStatuses: [running],
    },
  });
  t.equal(standingLine(pod), "web: ErrImagePull (container app: no such image)");
});

void t.test("a pod on its way out is over, whatever its containers do", async (t) => {
  const pod = samplePod("web", { deletionTimestamp: "2026-01-01T00:00:00Z" });
  t.match(standingOf(pod), { isReady: false, isOver: true, word: "Terminating" });
});
