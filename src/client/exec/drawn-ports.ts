import type { ListeningPort } from "../sandbox/sandbox.ts";

/** From here on Linux takes the port of whoever asks for any (ip_local_port_range in ip(7)); other systems begin higher. */
const firstDrawn = 32_768;

/**
 * Whether a number is most likely one that the kernel has chosen: nobody knows it before, and nobody calls it from far away.
 * Others in that range, such as 50051 for gRPC, were asked for.
 */
export function isDrawn({ port, isPortChosen }: ListeningPort): boolean {
  return port >= firstDrawn && !isPortChosen;
}
