import { socketMessage } from "../../../../../kernel/index.ts";
import type { Caller, Verdict } from "../../../supervisor/index.ts";
import { lengthOf, readPayload, type SendingCall, type SentMessage } from "./sending-call.ts";

/** Where a message goes in truth; null where that is where it says. */
export type WayOfMessage = (message: SentMessage) => Uint8Array | null;

/** Sends in place of the kernel, on the program's own socket, to where the messages go in truth. */
export function sendFor(caller: Caller, fd: number, sending: SendingCall, wayOf: WayOfMessage): Verdict {
  let sent = 0;
  for (const message of sending.messages) {
    const result = sendOne(caller, fd, { flags: sending.flags, message, to: wayOf(message) ?? message.name });
    if (typeof result === "string")
      return sent > 0 ? { as: "value", value: sent } : { as: "errno", errno: result };
    if (message.countAt === null) return { as: "value", value: result };
    const count = Buffer.alloc(4);
    count.writeUInt32LE(result, 0);
    caller.write(message.countAt, count);
    sent++;
  }
  return { as: "value", value: sent };
}

function sendOne(
  caller: Caller,
  fd: number,
  { flags, message, to }: { flags: number; message: SentMessage; to: Uint8Array | null },
): number | string {
  const { parts, control } = message;
  if (lengthOf(parts) > socketMessage.MAX_MESSAGE_BYTES) return "EMSGSIZE";
  if (control.length < 0 || control.length > socketMessage.MAX_CONTROL_BYTES) return "ENOBUFS";
  const payload = readPayload(caller, parts);
  const controlBytes =
    control.address === 0n ? Buffer.alloc(0) : caller.read(control.address, control.length);
  if (payload === null || controlBytes === null) return "EFAULT";
  return socketMessage.sendMessage(fd, { name: to, payload, control: controlBytes, flags });
}
