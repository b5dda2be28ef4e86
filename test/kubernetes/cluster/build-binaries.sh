#!/bin/bash
# build-binaries.sh FOLDER
#
# Builds kube-apiserver, kube-controller-manager, kube-scheduler and kubelet into FOLDER, from Debian's own source package, which
# brings all that it is made of: nothing is fetched but from the mirrors that apt uses anyway. Takes six minutes on two cores
# and 3 GB while it builds; 340 MB stay. Needs root for apt-get, and Debian 12 or whatever has this version.
#
# The version is old, and that is changed where it matters here: pods/ephemeralcontainers takes and gives a Pod, and ephemeral
# containers may have a security context, as in Kubernetes 1.23 and later.
set -euo pipefail
folder=$(mkdir -p "${1:?usage: build-binaries.sh FOLDER}" && cd "$1" && pwd)
version=1.20.5+really1.20.2-1.1+deb12u1
# Of a build that was killed.
find "${TMPDIR:-/var/tmp}" -maxdepth 1 -name 'magpie-kubernetes.*' -mmin +120 -exec chmod -R u+w {} + -exec rm -rf {} +
build=$(mktemp -d "${TMPDIR:-/var/tmp}/magpie-kubernetes.XXXXXX")
# Go makes its module cache read-only.
trap 'chmod -R u+w "$build"; rm -rf "$build"' EXIT

DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends golang-1.19-go rsync jq make gcc dpkg-dev python3 >/dev/null

# The suites that apt already uses, as sources of sources, in a list of our own: the machine's lists stay as they are.
mkdir -p "$build"/{lists/partial,cache,parts,home}
for list in /etc/apt/sources.list.d/*.sources; do
  [ ! -e "$list" ] || sed -E 's/^Types:.*/Types: deb-src/' "$list" >"$build/parts/$(basename "$list")"
done
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ ! -e "$list" ] || sed -nE 's/^deb /deb-src /p' "$list" >"$build/parts/$(basename "$list" .list).list"
done
apt=(apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$build/parts"
  -o Dir::State::lists="$build/lists" -o Dir::Cache="$build/cache" -o APT::Sandbox::User=root)
cd "$build"
"${apt[@]}" update
"${apt[@]}" source "kubernetes=$version" >/dev/null
cd kubernetes-1.20.*/

python3 - <<'PATCH'
import re

def patched(path, changes):
    text = open(path).read()
    for old, new in changes:
        assert text.count(old) == 1, (path, old, text.count(old))
        text = text.replace(old, new)
    open(path, "w").write(text)

storage = "pkg/registry/core/pod/storage/storage.go"
patched(storage, [
    ("return ephemeralContainersInPod(obj.(*api.Pod)), nil", "return obj, nil"),
    ("\treturn &api.EphemeralContainers{}\n", "\treturn &api.Pod{}\n"),
    ("objInfo.UpdatedObject(ctx, ephemeralContainersInPod(oldPod))", "objInfo.UpdatedObject(ctx, oldPod.DeepCopy())"),
    ("newEphemeralContainersObj.(*api.EphemeralContainers)", "newEphemeralContainersObj.(*api.Pod)"),
    ("newPod.Spec.EphemeralContainers = newEphemeralContainers.EphemeralContainers",
     "newPod.Spec.EphemeralContainers = newEphemeralContainers.Spec.EphemeralContainers"),
    ("toEphemeralContainersCreateValidation(createValidation), toEphemeralContainersUpdateValidation(updateValidation), false, options)",
     "createValidation, updateValidation, false, options)"),
    ("return ephemeralContainersInPod(obj.(*api.Pod)), false, err", "return obj, false, err"),
])
# What these turned into one another is not used any more, which Go refuses to compile.
text = open(storage).read()
first = text.index("func toEphemeralContainersCreateValidation")
last = text.index("\n}\n", text.index("func ephemeralContainersInPod")) + 3
open(storage, "w").write(text[:first] + text[last:])

allowed = "allowedEphemeralContainerFields = map[string]bool{\n"
patched("pkg/apis/core/validation/validation.go", [(allowed, allowed + '\t"SecurityContext": true,\n')])
PATCH

mkdir -p .go/src/k8s.io
ln -sfn ../../.. .go/src/k8s.io/kubernetes
export GOPATH=$PWD/.go PATH=/usr/lib/go-1.19/bin:$PATH CGO_ENABLED=0 HOME=$build/home GOFLAGS= GOTOOLCHAIN=local
# `make` would generate all that the package brings already; but for one file, which it does not. And without the clouds that can be
# had, and without Docker, for which nobody asks here: both are much to compile.
{
  make -f Makefile.generated_files pkg/generated/openapi/zz_generated.openapi.go CALLED_FROM_MAIN_MAKEFILE=1 KUBE_VERBOSE=1 \
    OUT_DIR=_output BIN_DIR=_output/bin META_DIR=.make PRJ_SRC_PATH=k8s.io/kubernetes GENERATED_FILE_PREFIX=zz_generated. &&
  GOFLAGS=-tags=providerless,dockerless GOLDFLAGS="-s -w" \
    hack/make-rules/build.sh cmd/kube-apiserver cmd/kube-controller-manager cmd/kube-scheduler cmd/kubelet
} >"$folder/build.log" 2>&1 || { tail -n 20 "$folder/build.log" >&2; exit 1; }
# Last: who finds them finds all of them.
mkdir "$folder/.new"
cp _output/local/bin/linux/*/kube{-apiserver,-controller-manager,-scheduler,let} "$folder/.new/"
mv "$folder"/.new/* "$folder/"
rmdir "$folder/.new"
