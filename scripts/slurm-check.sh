#!/bin/bash
# Submits every script of slurm/ to a Slurm and compares the fingerprints with a local run; the comparison of layouts,
# which runs fewer steps, must find that all of them agree; members of the ensemble differ in their title only.
#   scripts/slurm-check.sh HEATSIM CONFIG [LAB]
# LAB starts and stops a cluster on this machine (LAB start, LAB env, LAB stop); without it the cluster at hand is used.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
HEATSIM=$(realpath "${1:?the program}") config=$(realpath "${2:?a configuration}") lab=${3:-}
export HEATSIM
work=$(mktemp -d "${TMPDIR:-/tmp}/slurm-check.XXXXXX")
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

finish() {
  [ -z "$lab" ] || "$lab" stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

# An emulated cluster has more CPUs than the machine: cores cannot be bound, and waiting has to yield.
size=()
if [ -n "$lab" ]; then
  NODES=${NODES:-4} "$lab" start
  eval "$("$lab" env)"
  export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none
  size=(--cpus-per-task=4)
fi

mkdir "$work/local"
expected=$(cd "$work/local" && "$HEATSIM" "$config" | awk '/^fingerprint /{f = $2} END {print f}')
[ -n "$expected" ] || { echo "slurm-check.sh: no fingerprint from a local run" >&2; exit 1; }
echo "local run: $expected"

status=0
for script in "$root"/slurm/*.sbatch; do
  name=$(basename "$script" .sbatch) result=0 options=()
  mkdir "$work/$name"
  [ "$name" != threads-vs-ranks ] || options=(--steps 20 --repeats 1)
  array=()
  if [ "$name" = ensemble ]; then
    printf 'title=one\ntitle=two\ntitle=three\n' >"$work/$name/members.txt"
    options=(members.txt) array=(--array=1-3)
  fi
  # --wait makes sbatch end with the job's own status.
  (cd "$work/$name" && timeout -k 5 600 sbatch --wait --output=log "${size[@]}" "${array[@]}" "$script" "$config" "${options[@]}") || result=$?
  prints=$(sed -nE 's/^.*(fingerprint|  )[ ]*([0-9a-f]{16})$/\2/p' "$work/$name/log" | sort -u | tr '\n' ' ')
  if [ "$name" = threads-vs-ranks ] && [ $result = 0 ] && grep -q "^use .* rank" "$work/$name/log"; then
    echo "$name: passed"
    cat "$work/$name/log"
  elif [ "$name" = ensemble ] && [ "$(grep -c "$expected" "$work/$name"/ensemble-*.txt)" != 3 ]; then
    echo "$name: no table of three members with the same fingerprint"
    cat "$work/$name"/ensemble-*.txt
    status=1
  elif [ $result = 0 ] && [ "$prints" = "$expected " ]; then
    echo "$name: passed"
  else
    echo "$name: status $result, fingerprints: ${prints:-none}; its log:"
    cat "$work/$name/log"
    status=1
  fi
done
exit $status
