import t from "tap";
import { resourceHint } from "../../../src/kubernetes/agent/resource-refusal.ts";

void t.test("what a quota or a limit range refuses is told with the flags that change it", async (t) => {
  const said: [string, RegExp][] = [
    [
      'pods "magpie-1" is forbidden: exceeded quota: full, requested: pods=1, used: pods=7',
      /--agent-namespace/,
    ],
    [
      'pods "magpie-1" is forbidden: failed quota: compute: must specify limits.cpu,limits.memory',
      /--agent-limits cpu=1/,
    ],
    [
      'pods "magpie-1" is forbidden: maximum memory usage per Container is 64Mi, but limit is 512Mi',
      /limit range/,
    ],
    ['pods "magpie-1" is forbidden: minimum cpu usage per Pod is 100m', /--agent-requests/],
  ];
  for (const [message, hint] of said) t.match(resourceHint(message), hint);
  t.equal(resourceHint('admission webhook "policy" denied the request'), undefined);
});
