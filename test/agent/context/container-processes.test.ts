import { mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { ofContainer } from "../../../src/agent/context/container-processes.ts";

const app = "4e0cb93ad0f6b2a1";
const sidecar = "77d1a2f9c3b5e8d0";
const one = (pid: number) => ({ pid, parent: 0, name: "node", ports: [8080] });
const here = { processes: [one(10), one(20), one(30)], hidden: 1, hiddenPorts: [] };

void t.test(
  "of a pod whose containers share their processes those of the app's container count",
  async (t) => {
    const folder = t.testdir({});
    const groups = {
      10: `0::/../cri-containerd-${sidecar}.scope\n`,
      20: `0::/../cri-containerd-${app}.scope\n`,
      30: `4:memory:/kubepods/burstable/pod1/${app}\n1:name=systemd:/kubepods/${app}\n`,
    };
    for (const [pid, text] of Object.entries(groups)) {
      mkdirSync(`${folder}/${pid}`);
      writeFileSync(`${folder}/${pid}/cgroup`, text);
    }
    const pidsOf = async (id: string) =>
      (await ofContainer(here, id, folder)).processes.map(({ pid }) => pid);
    t.same(await pidsOf(`container:containerd://${app}`), [20, 30]);
    t.same(await pidsOf(`cri-o://${sidecar}`), [10]);
    t.same(await pidsOf("containerd://ffff"), [10, 20, 30], "one that was made anew has another id");
    t.same(await pidsOf("container:"), [10, 20, 30]);
  },
);
