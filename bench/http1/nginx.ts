import type { ServerFiles } from "../measure/server-files.ts";

/** Port of the origin in each pod, and of the proxy before it. */
export const originPort = 80;
export const proxyPort = 8000;

/** What each nginx of ours has: one worker, no log, no limit on what a connection may carry. Gives the path of the file. */
export function nginxConfiguration(files: ServerFiles, name: string, http: string): string {
  return files.write(
    `${name}.conf`,
    `daemon off;
user root;
worker_processes 1;
pid ${files.path(`${name}.pid`)};
error_log stderr error;
events { worker_connections 8192; multi_accept on; }
http {
  access_log off;
  sendfile off;
  tcp_nodelay on;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_body_temp_path ${files.path("temporary-body")};
  proxy_temp_path ${files.path("temporary-proxy")};
  fastcgi_temp_path ${files.path("temporary-fastcgi")};
  uwsgi_temp_path ${files.path("temporary-uwsgi")};
  scgi_temp_path ${files.path("temporary-scgi")};
${http}}
`,
  );
}

/** Configuration of the app behind every proxy: static bodies from memory. Gives the path of the file. */
export function originConfiguration(files: ServerFiles, listen: string): string {
  const http = `  open_file_cache max=16 inactive=1h;
  open_file_cache_valid 1h;
  output_buffers 2 512k;
  server {
    listen ${listen} backlog=4096;
    root ${files.path("bodies")};
  }
`;
  return nginxConfiguration(files, `origin-${listen.replaceAll(/\W/g, "-")}`, http);
}

/** Buffers in place of those that nginx comes with, eight of a page; larger ones gave no more here (2026-11-23). */
const largerBuffers = `      proxy_buffer_size 16k;
      proxy_buffers 8 16k;
      proxy_busy_buffers_size 32k;
`;

/** Configuration of nginx as reverse proxy: pooled keep-alive, nothing written to disk, and one look at a header. */
export function proxyConfiguration(files: ServerFiles, { tuned }: { tuned: boolean }): string {
  const http = `  upstream origin { server 127.0.0.1:${originPort}; keepalive 256; keepalive_requests 1000000000; }
  upstream other { server 127.0.0.1:1; }
  map $http_x_never $target { default origin; "~*^match$" other; }
  server {
    listen ${proxyPort} backlog=4096;
    location / {
      proxy_pass http://$target;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_max_temp_file_size 0;
${tuned ? largerBuffers : ""}    }
  }
`;
  return nginxConfiguration(files, tuned ? "proxy-tuned" : "proxy", http);
}
