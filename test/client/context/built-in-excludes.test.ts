import { readFile } from "node:fs/promises";
import t from "tap";
import { builtInExcludes } from "../../../src/client/context/built-in-excludes.ts";
import { fitsGlob } from "../../../src/client/text/glob.ts";

const globs = builtInExcludes.flatMap(({ names }) => names);

function isListed(name: string): boolean {
  return globs.some((glob) => fitsGlob(glob, name));
}

void t.test("what is bound to the machine, the user or one process stays yours", async (t) => {
  const names = [
    ...[
      "PATH",
      "LD_PRELOAD",
      "LD_LIBRARY_PATH",
      "HOME",
      "USER",
      "TMPDIR",
      "XDG_RUNTIME_DIR",
      "SSH_AUTH_SOCK",
    ],
    ...["SHELL", "PWD", "_", "SHLVL", "PROMPT_COMMAND", "BASH_ENV", "BASH_FUNC_ls%%", "TERM", "DISPLAY"],
    ...[
      "JAVA_HOME",
      "PYTHONPATH",
      "NODE_PATH",
      "GEM_HOME",
      "GOROOT",
      "CARGO_HOME",
      "VIRTUAL_ENV",
      "PHP_INI_DIR",
    ],
    ...[
      "NODE_OPTIONS",
      "JAVA_TOOL_OPTIONS",
      "NODE_CHANNEL_FD",
      "LISTEN_FDS",
      "NOTIFY_SOCKET",
      "MAGPIE_TARGET",
    ],
  ];
  t.same(
    names.filter((name) => !isListed(name)),
    [],
  );
});

void t.test(
  "settings of apps and who the pod is come from the pod, however near their names are",
  async (t) => {
    const names = [
      ...["HOSTNAME", "LANG", "LC_ALL", "TZ", "ENV", "USERNAME", "NODE_ENV", "RAILS_ENV", "PYTHONUNBUFFERED"],
      ...["LD_SDK_KEY", "UV_THREADPOOL_SIZE", "HISTORY_URL", "YARN_CONF_DIR", "SSH_PRIVATE_KEY", "TERM_DAYS"],
      ...[
        "GOMAXPROCS",
        "GOMEMLIMIT",
        "SSL_CERT_FILE",
        "http_proxy",
        "NO_PROXY",
        "AWS_REGION",
        "LESSON",
        "PATHS",
      ],
      ...["KUBERNETES_SERVICE_HOST", "REDIS_PORT_6379_TCP", "DOTNET_gcServer", "CORS_ORIGIN", "NGINX_PORT"],
    ];
    t.same(names.filter(isListed), []);
  },
);

void t.test("each name stands once, and each group says why", async (t) => {
  t.equal(new Set(globs).size, globs.length);
  for (const { because } of builtInExcludes) t.match(because, /^\w+s? .{10,}[^.]$/);
});

void t.test("the documentation lists them all, and why", async (t) => {
  const documented = await readFile(new URL("../../../docs/environment.md", import.meta.url), "utf8");
  for (const { because, names } of builtInExcludes) {
    const row = documented.split("\n").find((line) => line.startsWith(`| ${because} |`));
    t.same(row?.match(/(?<=`)[^` ]+(?=`)/g), names);
  }
});
