import { originPort, proxyPort } from "./nginx.ts";
import type { ServerFiles } from "../measure/server-files.ts";

/** Configuration of haproxy as reverse proxy: one thread, pooled keep-alive, no log, one look at a header. Gives its path. */
export function haproxyConfiguration(files: ServerFiles): string {
  return files.write(
    "haproxy.cfg",
    `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
frontend proxy
  bind :${proxyPort} backlog 4096
  use_backend other if { hdr(x-never) -m reg -i ^match$ }
  default_backend origin
backend origin
  server origin 127.0.0.1:${originPort} pool-max-conn 256
backend other
  server other 127.0.0.1:1
`,
  );
}
