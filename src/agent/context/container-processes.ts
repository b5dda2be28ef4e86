import { readFile } from "node:fs/promises";
import type { ProcessesHere } from "./namespace-processes.ts";

/**
 * Of these processes those of one container, told by the id in the path of their control group, as every runtime has it there
 * (cgroups(7), `/proc/<pid>/cgroup`). All of them where none is: the container may have been made anew, with another id.
 */
export async function ofContainer(
  here: ProcessesHere,
  container: string,
  procDirectory = "/proc",
): Promise<ProcessesHere> {
  const id = container.slice(Math.max(container.lastIndexOf("/"), container.lastIndexOf(":")) + 1);
  if (id === "") return here;
  const isOurs = await Promise.all(
    here.processes.map(async ({ pid }) => {
      try {
        return (await readFile(`${procDirectory}/${pid}/cgroup`, "latin1")).includes(id);
      } catch {
        return false; // It has ended meanwhile.
      }
    }),
  );
  const processes = here.processes.filter((_, index) => isOurs[index]);
  return processes.length === 0 ? here : { ...here, processes };
}
