#!/bin/sh
# base-image.sh FOLDER NODE
#
# Makes a root file system in FOLDER that stands for docker.io/library/node:26-slim where no registry can be reached: a minimal
# Debian from the mirror that apt uses, and the Node that is given. Takes a minute. Needs root and debootstrap.
set -eu
folder=$1
node=$2
. /etc/os-release
mirror=$(sed -n 's/^URIs: *//p; s/^deb [^h]*\(http[^ ]*\).*/\1/p' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | head -n 1)

debootstrap --variant=minbase --include=ca-certificates,libatomic1 "$VERSION_CODENAME" "$folder" "$mirror" >/dev/null
# The machine's own sources, security updates among them, and its authorities.
rm -f "$folder/etc/apt/sources.list"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  [ ! -f "$list" ] || cp "$list" "$folder$list"
done
cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/"
install -D -m 755 "$node" "$folder/usr/local/bin/node"
chroot "$folder" useradd --uid 1000 --user-group --create-home node
# As in slim images, which keep licences.
find "$folder/usr/share/doc" ! -type d ! -name copyright -delete
rm -rf "$folder"/usr/share/man/* "$folder"/usr/share/info/* "$folder"/usr/share/locale/* \
  "$folder"/var/lib/apt/lists/* "$folder"/var/cache/apt/*
