#!/bin/sh
# node.sh FOLDER NAME
#
# Holds the namespaces of one Kubernetes node: network, mounts and processes, of its own. Starts nothing in them but itself; what
# is to run there enters them. Says `ready PID` (the PID is that of the process 1 in there), and ends when its standard input
# does, whatever the cause: then the kernel kills every process in there, and with the last of them mounts, network and veth go.
# What is left then is on disk and in cgroups, and is removed last. So nothing stays when whoever started it is killed.
set -eu
folder=$1
name=$2

inside() {
  mount --make-rprivate /
  mount --make-rshared /
  # kubelet sets six values of the whole machine: it is shown files that already hold what it wants.
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=$folder/settings/$(echo "${setting%=*}" | tr / _)
    echo "${setting#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${setting%=*}"
  done
  # The places that kubelet and CNI are used to, without the machine's own.
  for place in /run/netns /var/lib/kubelet /var/log/pods /var/log/containers; do
    mkdir -p "$place" "$folder/host$place"
    mount --bind "$folder/host$place" "$place"
  done
  ip link set lo up
  echo inside
  # Process 1 must reap orphans; its end is the end of everything here.
  exec catatonit -- cat >/dev/null
}

[ "${3:-}" != inside ] || inside

clean() {
  status=$?
  # What was killed may take its time to go on a machine that is busy.
  attempt=0
  while [ "$attempt" -lt 300 ]; do
    attempt=$((attempt + 1))
    left=
    for cgroup in /sys/fs/cgroup/*/"$name"; do
      [ ! -d "$cgroup" ] || find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || left=$cgroup
    done
    [ -n "$left" ] || break
    sleep 0.1
  done
  rm -rf "$folder"
  exit "$status"
}
trap clean EXIT

mkdir -p "$folder/settings"
for controller in cpu cpuacct cpuset memory devices freezer blkio pids systemd; do
  cgroup=/sys/fs/cgroup/$controller
  [ ! -d "$cgroup" ] || mkdir -p "$cgroup/$name"
done
for file in cpuset.cpus cpuset.mems; do
  [ ! -e "/sys/fs/cgroup/cpuset/$file" ] || cat "/sys/fs/cgroup/cpuset/$file" >"/sys/fs/cgroup/cpuset/$name/$file"
done

# A pipe for what is said inside, since that ends only with the node.
mkfifo "$folder/said"
exec 3<&0
unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc "$0" "$folder" "$name" inside <&3 >"$folder/said" &
holder=$!
exec 3<&-
read -r said <"$folder/said" || said=nothing
if [ "$said" = inside ]; then
  # That file ends without a newline, which read(1) takes for a failure.
  read -r first _ <"/proc/$holder/task/$holder/children" || true
  echo "ready $first"
fi
wait "$holder" || true
