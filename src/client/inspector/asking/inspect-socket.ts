import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ClientError } from "../../errors.ts";
import { isRecord, parseJson } from "../../text/json.ts";

const answerMs = 10_000;
const maxAnswerBytes = 4_096;
/** sun_path of unix(7), its NUL included. */
const maxPathBytes = 108;

/**
 * Where a command is asked for its inspector by another command of the same user: a socket that only its owner can open, in a
 * directory that only its owner can enter. Whoever connects is told the URL.
 */
export class InspectSocket implements AsyncDisposable {
  readonly #server: Server;
  readonly #path: string;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** `open` gives the URL. @throws ClientError `local-data` where there can be no socket */
  static async listen(path: string, open: () => Promise<string>): Promise<InspectSocket> {
    if (Buffer.byteLength(path) >= maxPathBytes)
      throw new ClientError("local-data", `${path} is too long for a socket`);
    const server = createServer();
    const own = new InspectSocket(server, path);
    server.on("connection", (socket) => void own.#answer(socket, open));
    rmSync(path, { force: true });
    server.listen(path);
    try {
      await once(server, "listening");
      chmodSync(path, 0o600);
    } catch (cause) {
      throw new ClientError("local-data", `${path} cannot be listened on`, { cause });
    }
    server.unref();
    return own;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    rmSync(this.#path, { force: true });
    await closed;
  }

  async #answer(socket: Socket, open: () => Promise<string>): Promise<void> {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.resume();
    try {
      socket.end(`${JSON.stringify({ url: await open() })}\n`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      socket.end(`${JSON.stringify({ error: message })}\n`);
    }
  }
}

/** Asks the command behind a socket for the URL of its inspector. @throws ClientError `local-data` */
export async function askForInspector(path: string): Promise<string> {
  const socket = connect(path);
  const timer = setTimeout(() => socket.destroy(new Error("it does not answer")), answerMs);
  let text = "";
  try {
    for await (const chunk of socket.setEncoding("utf8")) {
      text += String(chunk);
      if (text.length > maxAnswerBytes) break;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("local-data", `that session's command cannot be asked for its inspector: ${why}`, {
      cause,
      hint: "It may be of another version, or just be ending. --inspect opens one from the begin.",
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  const answer = parseJson(text);
  if (isRecord(answer) && typeof answer["url"] === "string") return answer["url"];
  const why =
    isRecord(answer) && typeof answer["error"] === "string" ? answer["error"] : "its answer cannot be read";
  throw new ClientError("local-data", `that session's command could not open an inspector: ${why}`);
}
