import { parentPort, workerData } from "node:worker_threads";
import { actOnFilesAs, makeFilesWithExactModes } from "../../kernel/files/index.ts";
import { ProtocolError } from "../../protocol/files/index.ts";
import { answerFileQuestion } from "./answer-file-question.ts";
import type { FileJob, FileThreadData, FileThreadMessage } from "./file-job.ts";

/**
 * A thread that answers questions about files, one after the other. It acts with the app's rights, as no thread of the agent's
 * pool may, and may wait for a disk.
 */
if (parentPort !== null) {
  const port = parentPort;
  const { identity } = workerData as FileThreadData; // Whoever starts this thread gives it that.
  const hasExactModes = makeFilesWithExactModes();
  const rights = actOnFilesAs(identity) ? "app" : "agent";
  const tell = (message: FileThreadMessage, moved: ArrayBuffer[] = []): void =>
    port.postMessage(message, moved);
  const owner = rights === "app" ? null : { user: identity.user, group: identity.group };
  port.on("message", (job: FileJob) => {
    const { number } = job;
    try {
      const { answer, opened } = answerFileQuestion(job, { owner, hasExactModes });
      tell({ about: "done", number, answer, opened }, [answer.buffer]);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      tell({ about: "breach", number, text: error.message });
    }
  });
  tell({ about: "started", rights });
}
