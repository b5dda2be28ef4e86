/** Sends every datagram back. `echo.ts <port>` */
import { createSocket } from "node:dgram";

const socket = createSocket("udp6", (message, { address, port }) => socket.send(message, port, address));
socket.bind(Number(process.argv[2]), "::", () => console.log(`listening ${process.argv[2]}`));
