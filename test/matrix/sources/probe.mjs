// What the matrix asks of every program, in JavaScript: see ../probe.ts. `resolve-cares` asks c-ares instead of libc.
import { createSocket } from "node:dgram";
import { lookup, Resolver } from "node:dns/promises";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const [what, ...rest] = process.argv.slice(2);
const jobs = {
  env: (name) => console.log(process.env[name]),
  cat: (path) => console.log(readFileSync(path, "utf8")),
  ls: (path) => console.log(readdirSync(path).join("\n")),
  tcp: async (host, port) => console.log(await (await fetch(`http://${host}:${port}/items`)).text()),
  udp: async (host, port, text) => {
    const socket = createSocket("udp4");
    socket.on("message", (answer) => {
      console.log(String(answer));
      socket.close();
    });
    socket.send(text, Number(port), host);
    setTimeout(() => process.exit(1), 5_000).unref();
  },
  resolve: async (name) => {
    for (const { address } of await lookup(name, { all: true })) console.log(address);
  },
  "resolve-cares": async (name) => console.log((await new Resolver().resolve4(name)).join("\n")),
  serve: (port, text) =>
    createServer((_request, response) => response.end(text)).listen(Number(port), () => console.log("serving")),
  exit: (code) => process.exit(Number(code)),
};
await jobs[what](...rest);
