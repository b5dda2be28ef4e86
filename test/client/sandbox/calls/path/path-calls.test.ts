import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { type Ended, fileRule, ownRules, run, runInPod } from "../../../../fixtures/in-pod.ts";

const folder = mkdtempSync(join(tmpdir(), "magpie-paths-"));
const pod = join(folder, "pod");
const own = join(folder, "own");
t.teardown(() => rmSync(folder, { recursive: true }));

for (const path of ["etc/app", "data/deep", "srv", "usr/share/nobody"])
  mkdirSync(join(pod, path), { recursive: true });
mkdirSync(own);
for (const [path, content] of [
  ["etc/app/conf", "of the pod\n"],
  ["etc/hosts", "not this one\n"],
  ["etc/secret", "secret\n"],
  ["data/deep/inner", "inner\n"],
  ["usr/share/nobody/file", "by a link\n"],
] as const)
  writeFileSync(join(pod, path), content);
writeFileSync(join(pod, "etc/app/run"), "#!/bin/sh\necho ran\n");
chmodSync(join(pod, "etc/app/run"), 0o755);
symlinkSync("/data/deep", join(pod, "etc/app/link"));
symlinkSync("/usr/share/nobody", join(pod, "etc/app/usr"));
await run(["mkfifo", join(pod, "etc/app/pipe")]);

const rules = [
  ...[fileRule("absent", "/etc/secret"), { ...fileRule("read", "/etc/hosts"), origin: "made" as const }],
  ...[fileRule("read-write", "/srv"), fileRule("local", own), ...ownRules],
];

/** Each line of the script is said by its label, and gives what it prints, errors too. */
async function inPod(
  script: Readonly<Record<string, string>>,
  about: { detached?: boolean; traces?: boolean } = {},
): Promise<Ended & { said: Record<string, string> }> {
  const lines = Object.entries(script).map(([label, line]) => `echo "=${label}"\n${line}`);
  const text = `exec 2>&1\nown=${own}\n${lines.join("\n")}\n`;
  const ended = await runInPod(["/bin/bash", "-c", text], {
    ...{ root: pod, rules, otherwise: "read", made: { "/etc/hosts": "made\n" }, workingDirectory: own },
    ...about,
  });
  const said = ended.stdout.split(/^=/m).map((part) => {
    const [label = "", ...rest] = part.split("\n");
    return [label, rest.join("\n")];
  });
  return { ...ended, said: Object.fromEntries(said) as Record<string, string> };
}

void t.test("a program sees the pod's files and its own, and changes what it may", async (t) => {
  const { said, code, stderr } = await inPod(
    {
      read: "cat /etc/app/conf",
      list: "ls /etc/app",
      status: "stat -c '%F %s' /etc/app /etc/app/conf /etc/app/link",
      "real path": "readlink -f /etc/app/link/inner",
      absent: "cat /etc/secret; [ -e /etc/secret ] || echo none",
      made: "cat /etc/hosts; cmp /etc/hosts <(echo made) && stat -c '%s %a' /etc/hosts; cp /etc/hosts copy; cat copy",
      "made stays": "echo x >/etc/hosts; rm /etc/hosts; test -w /etc/hosts || echo no",
      "read only":
        "echo x >/etc/app/conf; rm /etc/app/conf; mkdir /etc/app/new; chmod 777 /etc/app; touch /etc/app/conf",
      "open to read": `python3 -c "
import os
opened = os.open('/etc/app/conf', os.O_RDONLY)
for change in [lambda: os.fchmod(opened, 0o777), lambda: os.utime(opened), lambda: os.chmod('/proc/self/fd/%d' % opened, 0o777)]:
    try: change(); print('changed')
    except OSError as error: print(error.strerror)
"`,
      change:
        "cd /srv; mkdir -p a/b; echo 1 >a/b/c; sed -i s/1/2/ a/b/c; ln -s a l; cat l/b/c; mv a z; ls; rm -r z l; ls -A",
      "to here":
        "cp -r /data/deep $own/copied; cat $own/copied/inner; echo x >$own/x; mv $own/x /srv/x; cat /srv/x; mv /srv/x $own; ls $own",
      mapped: `python3 -c "
import mmap
with open('/etc/app/conf') as opened: print(mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)[:6])
"`,
      "by descriptor":
        "exec 3</etc/app/conf; cat /dev/fd/3; readlink /proc/self/fd/3; cat /proc/self/fd/3; echo x >/proc/self/fd/3",
      pipe: "cat /etc/app/pipe",
      watch:
        "(tail -n 1 -f /etc/app/conf & echo $! >$own/tail) | (head -n 1; kill $(cat $own/tail)); rm $own/tail",
      root: "chroot / true",
      "not run": "/etc/app/run; echo $?; cd /etc/app; ./run; echo $?; /etc/app/none; echo $?",
      end: "exit 7",
    },
    { detached: true },
  );
  t.equal(code, 7, stderr);
  const is = (label: string, text: string) => t.equal(said[label], text, label);
  is("read", "of the pod\n");
  is("list", "conf\nlink\npipe\nrun\nusr\n");
  is("status", "directory 4096\nregular file 11\nsymbolic link 10\n");
  is("real path", "/data/deep/inner\n");
  is("absent", "cat: /etc/secret: No such file or directory\nnone\n");
  is("made", "made\n5 444\nmade\n");
  t.match(said["made stays"], /Read-only file system\nrm: .*Read-only file system\nno\n$/);
  t.equal(said["read only"]?.match(/Read-only file system/g)?.length, 5);
  is("open to read", "Read-only file system\n".repeat(3));
  is("change", "2\nl\nz\n");
  t.match(said["to here"], /^inner\nx\ncopied\ncopy\nx\n$/);
  is("mapped", "b'of the'\n");
  t.match(said["by descriptor"], /^of the pod\n\/etc\/app\/conf\nof the pod\n.*Read-only file system\n$/);
  is("pipe", "cat: /etc/app/pipe: Operation not supported\n");
  t.match(said["watch"], /of the pod/);
  t.match(said["root"], /Operation not permitted/);
  t.match(
    said["not run"],
    /Permission denied\n126\n.*Permission denied\n126\n.*No such file or directory\n127\n/,
  );
  t.match(stderr, /not run: \/etc\/app\/run is the pod's .* --file 'local:\/etc\/app\/run' runs yours/);
  t.match(stderr, /inotify_add_watch is not done: \/etc\/app\/conf is the pod's/);
  t.match(stderr, /\/etc\/app\/pipe is a pipe of the pod/);
  t.match(stderr, /chroot/);
  t.equal(stderr.match(/not run:/g)?.length, 1, "told once");
  t.same(readdirSync(join(pod, "srv")), [], "what it has removed is gone");
});

void t.test("a folder of the pod is a working directory like any other", async (t) => {
  const { said, code, stderr } = await inPod(
    {
      enter: "cd /etc/app; pwd; /bin/pwd; cat conf; ls",
      child: "sh -c 'cat conf; pwd'; (cd link; cat inner; pwd -P)",
      "by a link": "(cd usr; cat file; ls; cat ../../share/nobody/file; cat ../../../etc/app/conf)",
      up: "cat ../app/conf ../hosts; (cd ..; pwd; cat app/conf)",
      "out of it":
        "cat ../../proc/self/comm ../../../proc/version | head -c 4; ls ../../usr | grep -cx lib; stat -c %F ../../usr/bin/env",
      "in and out":
        "cat /usr/../etc/app/conf; cat /etc/app/../../proc/self/comm; cat $own/../../../etc/app/conf",
      "back here": "(cd $own; pwd; cd - >/dev/null; cat conf)",
      "not of its parent": `mkfifo $own/gate
told=$( (cd /data/deep; (cat $own/gate; cat inner; readlink /proc/self/cwd) &); cd /; echo late >$own/gate); echo "$told"`,
      thread: `python3 -c "
import os, threading
thread = threading.Thread(target=lambda: os.chdir('/data/deep')); thread.start(); thread.join()
print(open('inner').read(), os.getcwd())
opened = os.open('/etc/app', os.O_RDONLY); os.fchdir(opened); print(os.getcwd(), sorted(os.listdir()), os.listdir(opened) != [])
print(os.stat('conf', dir_fd=opened).st_size, os.readlink('link', dir_fd=opened))
"`,
      "under signals": `python3 -c "
import os, signal
count = [0]
def on(number, frame): count[0] += 1
before = len(os.listdir('/proc/self/fd'))
signal.signal(signal.SIGALRM, on); signal.siginterrupt(signal.SIGALRM, False); signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for _ in range(20):
    os.chdir('/data/deep'); assert open('inner').read() == 'inner\\\\n'; os.chdir('/')
signal.setitimer(signal.ITIMER_REAL, 0)
print(count[0] > 0, len(os.listdir('/proc/self/fd')) - before)
"`,
      gone: "cd /srv; mkdir x; cd x; rmdir ../x; /bin/pwd; ls; cd /etc/app",
      "not to be entered": "cd conf; cd none; cd /etc/secret",
    },
    { detached: true },
  );
  t.equal(code, 1, stderr);
  const is = (label: string, text: string) => t.equal(said[label], text, label);
  is("enter", "/etc/app\n/etc/app\nof the pod\nconf\nlink\npipe\nrun\nusr\n");
  is("child", "of the pod\n/etc/app\ninner\n/data/deep\n");
  is("by a link", "by a link\nfile\nby a link\nof the pod\n");
  is("up", "of the pod\nmade\n/etc\nof the pod\n");
  is("out of it", "cat\n1\nregular file\n");
  is("in and out", "of the pod\ncat\nof the pod\n");
  is("back here", `${own}\nof the pod\n`);
  is("not of its parent", "late\ninner\n/data/deep\n");
  is("thread", "inner\n /data/deep\n/etc/app ['conf', 'link', 'pipe', 'run', 'usr'] True\n11 /data/deep\n");
  is("under signals", "True 0\n");
  t.match(said["gone"], /No such file or directory/);
  t.match(said["not to be entered"], /conf: Not a directory\n.*none: No such.*\n.*secret: No such/);
  t.equal(stderr, "");
});

void t.test(
  "many programs at once enter folders and open files, and none gets what is another's",
  async (t) => {
    const each = "cd /etc/app && cat conf && cd link && cat inner && /bin/pwd";
    const { said, code, stderr } = await inPod({
      all: `seq 60 | xargs -P 8 -I{} bash -c "${each}" | sort | uniq -c | sed 's/^ *//'`,
    });
    t.equal(code, 0, stderr);
    t.equal(said["all"], "60 /data/deep\n60 inner\n60 of the pod\n");
  },
);

void t.test("--trace tells what a call was about, and which rule has decided", async (t) => {
  const { stderr } = await inPod(
    { all: "cat /etc/app/conf /etc/secret /etc/hosts /usr/nothing" },
    { traces: true },
  );
  for (const line of [
    "openat /etc/app/conf: read (--fs read) = a descriptor",
    "openat /etc/secret: absent (--file absent:/etc/secret) = ENOENT",
    "openat /etc/hosts: made (--file read:/etc/hosts) = a descriptor",
    "openat /usr/nothing: local (--file local:/usr) = kernel",
  ])
    t.ok(stderr.includes(`trace: ${line}\n`), line);
});

void t.test("whoever has given up rights is not lent ours on the way through the pod", async (t) => {
  if (process.getuid?.() !== 0) return;
  const { said, stderr } = await inPod({
    before: "echo mine >$own/secret; chmod 600 $own/secret",
    ours: "cat /etc/app/../..$own/secret",
    theirs: "setpriv --reuid=65534 --clear-groups cat /etc/app/../..$own/secret",
  });
  t.equal(said["ours"], "mine\n");
  t.match(said["theirs"], /Permission denied/);
  t.match(stderr, /notice: not opened: \S+secret is named by way of the pod/);
});
