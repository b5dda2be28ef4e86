import { overHttp2 } from "./over-http2.ts";
import { overPool } from "./over-pool.ts";
import { overTunnel } from "./over-tunnel.ts";
import type { Way, WayName } from "./way.ts";

export const ways: Record<WayName, Way> = { tunnel: overTunnel, http2: overHttp2, pool: overPool };
