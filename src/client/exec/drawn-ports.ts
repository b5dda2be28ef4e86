/** From here on Linux takes the port of whoever asks for any (ip_local_port_range in ip(7)); other systems begin higher. */
const firstDrawn = 32_768;

/** Whether a port is most likely one that the kernel has chosen: nobody knows it before, and nobody calls it from far away. */
export function isDrawn(port: number): boolean {
  return port >= firstDrawn;
}
