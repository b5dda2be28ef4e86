import { nginxConfiguration, originPort, proxyPort } from "../http1/nginx.ts";
import type { ServerFiles } from "../measure/server-files.ts";

/** Where the second app listens in each pod: other proxies send there what Magpie's session would get. */
export const otherPort = 81;

/** Requests below this path are not for the origin. */
export const otherPath = "/other/";

/** No stream has to wait for another one to end. */
const streams = "http2_max_concurrent_streams 1024;";

/**
 * Puts a body where only its server finds it: a request that ends up at the other one is answered with 404, which
 * h2load counts as a failure.
 */
export function writeBody(files: ServerFiles, path: string, bodyBytes: number): void {
  const server = path.startsWith(otherPath) ? "other" : "origin";
  files.write(`bodies/${server}${path}`, Buffer.alloc(bodyBytes, "magpie "));
}

/** A server of static bodies in memory that says its name in `x-server`. `listen` as nginx writes it. */
function app(files: ServerFiles, name: "origin" | "other", listen: string): string {
  return `  server {
    listen ${listen} backlog=4096;
    ${streams}
    http2_chunk_size 16k;
    root ${files.path(`bodies/${name}`)};
    add_header x-server ${name};
  }
`;
}

const caching = `  open_file_cache max=16 inactive=1h;
  open_file_cache_valid 1h;
  output_buffers 2 512k;
`;

/** Both apps of a pod, over HTTP/2 without TLS. Gives the path of the file. */
export function appsConfiguration(files: ServerFiles): string {
  const servers =
    app(files, "origin", `${originPort} http2`) + app(files, "other", `127.0.0.1:${otherPort} http2`);
  return nginxConfiguration(files, "apps", caching + servers);
}

/** The developer's program, in the place of the second app; over HTTP/1.1, or over HTTP/2 and nothing else. */
export function localConfiguration(
  files: ServerFiles,
  { listen, http2 }: { listen: string; http2: boolean },
): string {
  return nginxConfiguration(
    files,
    "local",
    caching + app(files, "other", http2 ? `${listen} http2` : listen),
  );
}

/** nginx as HTTP/2 proxy. Only its gRPC module speaks HTTP/2 to an app, and it takes any response. */
export function nginxProxyConfiguration(files: ServerFiles): string {
  const http = `  upstream origin { server 127.0.0.1:${originPort}; keepalive 512; keepalive_requests 1000000000; }
  upstream other { server 127.0.0.1:${otherPort}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen ${proxyPort} http2 backlog=4096;
    ${streams}
    location / { grpc_pass grpc://origin; }
    location ${otherPath} { grpc_pass grpc://other; }
  }
`;
  return nginxConfiguration(files, "http2-proxy", http);
}

/** haproxy as HTTP/2 proxy: one thread, shared connections to the apps, no log. */
export function haproxyConfiguration(files: ServerFiles): string {
  return files.write(
    "haproxy-http2.cfg",
    `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  http-reuse always
frontend proxy
  bind :${proxyPort} proto h2 backlog 4096
  use_backend other if { path_beg ${otherPath} }
  default_backend origin
backend origin
  server origin 127.0.0.1:${originPort} proto h2
backend other
  server other 127.0.0.1:${otherPort} proto h2
`,
  );
}

/** nghttpx as HTTP/2 proxy: one worker, no log. Its configuration file is an empty one, so that the host's own is not read. */
export function nghttpxCommand(files: ServerFiles): readonly string[] {
  return [
    "nghttpx",
    `--conf=${files.write("nghttpx.conf", "")}`,
    "--workers=1",
    `--frontend=*,${proxyPort};no-tls`,
    `--backend=127.0.0.1,${originPort};/;proto=h2`,
    `--backend=127.0.0.1,${otherPort};${otherPath};proto=h2`,
    "--accesslog-file=/dev/null",
    "--errorlog-file=/dev/null",
  ];
}
