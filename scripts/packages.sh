#!/bin/bash
# Installs the Debian packages that are missing, and says nothing where none is.
#   scripts/packages.sh GROUP...      groups: run, test, bench; `list` before them prints the names instead
set -eu

# A C++ compiler brings the standard library's headers and the linker, which the Swift toolchain borrows.
run="libopenmpi-dev openmpi-bin libpnetcdf-dev libtomlplusplus-dev libmuparser-dev libhwloc-dev libcairo2-dev libsleef-dev libxxhash-dev \
pkg-config g++ fonts-dejavu-core"
# What a Swift toolchain unpacked from its archive expects of the system.
run="$run libcurl4 libncurses6 libsqlite3-0 libxml2"
# The tests validate files with PnetCDF's own tools, look at processes and network namespaces, and run on MPICH too.
test="pnetcdf-bin util-linux procps libmpich-dev mpich"
bench="gcc libgomp1"
# Not asked for by any make target: a Slurm of one's own, for scripts/slurm-check.sh.
slurm="slurmctld slurmd slurm-client munge util-linux iproute2"

names=""
action=install
for word in "$@"; do
  case "$word" in
    list) action=list ;;
    run) names="$names $run" ;;
    test) names="$names $test" ;;
    bench) names="$names $bench" ;;
    slurm) names="$names $slurm" ;;
    *) echo "packages.sh: no group '$word': run, test, bench or slurm" >&2; exit 2 ;;
  esac
done
if [ "$action" = list ]; then
  echo $names
  exit 0
fi

if ! command -v dpkg-query >/dev/null; then
  echo "This is not a Debian system, so nothing is installed. Debian calls what is needed:$names" >&2
  exit 0
fi
present=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $names 2>/dev/null | awk '$2 == "installed" {print $1}')
missing=""
for name in $names; do
  grep -qx -- "$name" <<<"$present" || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  # Without a terminal sudo could only wait for a password that nobody types.
  if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root="sudo"
  else
    echo "These packages are missing and only root can install them. Run, as root:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
    exit 1
  fi
fi

echo "Installing:$missing"
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }
install() { apt install -y --no-install-recommends $missing; }
# The lists of packages may be absent (a fresh image) or older than what the mirror holds.
if apt-cache show $missing >/dev/null 2>&1 && install; then exit 0; fi
apt update
install
