#!/bin/sh
# gather-root.sh ROOT PROGRAM...
#
# Puts programs of this system into a root file system that holds nothing else: each program, the links that lead to it, the
# libraries it is linked with, and for the Debian packages they come from their licences and their entry of the package database
# (one file each in var/lib/dpkg/status.d, where scanners for vulnerabilities look when there is no package manager).
#
# What the programs load by name at run time is not seen by ldd(1) and has to be named as well.
set -eu
root=$1
shift
mkdir -p "$root/var/lib/dpkg/status.d"

# Where /bin, /lib and so on are links into /usr, as in Debian, they are the same here.
for top in bin sbin lib lib64; do
  if [ -L "/$top" ]; then
    mkdir -p "$root/usr/$top"
    ln -s "$(readlink "/$top")" "$root/$top"
  fi
done

# copy FILE: the file, and every link on the way to it, at the same place.
copy() {
  at=$1
  while :; do
    at=$(realpath "$(dirname "$at")")/$(basename "$at")
    [ -e "$root$at" ] || [ -L "$root$at" ] || cp -P --parents --preserve=mode "$at" "$root"
    echo "$at" >>"$root/gathered"
    [ -L "$at" ] || break
    target=$(readlink "$at")
    case $target in
      /*) at=$target ;;
      *) at=$(dirname "$at")/$target ;;
    esac
  done
}

for program; do
  copy "$program"
  # The third word of `libc.so.6 => /lib/…/libc.so.6 (0x…)`, and the loader, which stands alone.
  ldd "$program" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' >"$root/needed"
  while read -r library; do copy "$library"; done <"$root/needed"
done

# The database may know a file by its name before / was merged with /usr.
sort -u "$root/gathered" | while read -r file; do
  dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "${file#/usr}" 2>/dev/null || true
done | sed -n 's/^\([^ ,:]*\)[:,].*/\1/p' | sort -u >"$root/packages"
while read -r package; do
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
  copyright=/usr/share/doc/$package/copyright
  if [ -e "$copyright" ]; then # Base images may have left them out.
    mkdir -p "$root${copyright%/*}"
    cp -L "$copyright" "$root$copyright"
  fi
done <"$root/packages"
rm "$root/needed" "$root/gathered" "$root/packages"
