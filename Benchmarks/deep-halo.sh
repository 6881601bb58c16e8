#!/bin/bash
# What one exchange for several steps is worth on a slow network: the same run over four hosts, two ranks on each, with
# `parallel.depth` 1 and DEPTH, in turn. Then once more while one frame in a thousand is lost: the bits must be the same.
#   HALO_HOSTLAB=hostlab.sh HALO_SWITCH=slowswitch[.c] Benchmarks/deep-halo.sh HEATSIM
# HALO_HOSTLAB is a script that knows `up N`, `hostfile SLOTS` and `down` and leaves its env.sh beside it; HALO_SWITCH a
# program `slowswitch DELAY_US RATE_MBIT LOSS_PERMILLE INTERFACE NET PID...`, or its source in C, that links the hosts by
# interfaces of 50 us and 1 Gbit/s. PAIRS (5), CELLS ("256 256"), STEPS (2000), DEPTH (8, or "auto").
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
heatsim=$(realpath "${1:?the path of heatsim}")
missing() { echo "deep-halo: $*" >&2; exit 2; }
[ -n "${HALO_HOSTLAB:-}" ] || missing "HALO_HOSTLAB names no script that starts and stops hosts"
[ -n "${HALO_SWITCH:-}" ] || missing "HALO_SWITCH names no program (or its source in C) that links hosts slowly"
[ -x "$HALO_HOSTLAB" ] || missing "HALO_HOSTLAB: '$HALO_HOSTLAB' cannot be run"
[ -e "$HALO_SWITCH" ] || missing "HALO_SWITCH: there is no '$HALO_SWITCH'"
[ "$(id -u)" = 0 ] || missing "hosts of their own need root"
lab=$(realpath "$HALO_HOSTLAB") slow=$(realpath "$HALO_SWITCH")
pairs=${PAIRS:-5} cells=${CELLS:-256 256} steps=${STEPS:-2000} depth=${DEPTH:-8} ranks=8 hosts=4
[ "$depth" = auto ] && depth='"auto"'
mpirun=$(command -v mpirun.openmpi || command -v mpirun)
work=$(mktemp -d "${TMPDIR:-/tmp}/deep-halo.XXXXXX")
export HOSTLAB=${HOSTLAB:-$work/hosts}
switch=
finish() {
  [ -z "$switch" ] || { kill "$switch" 2>/dev/null && wait "$switch" 2>/dev/null; } || true
  "$lab" down >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
case $slow in
  *.c)
    cc -O2 "$slow" -o "$work/slowswitch"
    slow=$work/slowswitch ;;
esac
grid="[$(tr ' ' ',' <<<"$cells")]"
extent="[$(sed 's/[0-9][0-9]*/1.0/g; s/ /,/g' <<<"$cells")]"
sides=$(wc -w <<<"$cells")
axes=(x y z)
{
  printf 'title = "Deep halos"\nsolver = "heat"\n[grid]\ncells = %s\nextent = %s\n' "$grid" "$extent"
  printf '[time]\nend = 1.0e9\nsteps = %s\n[heat]\ndiffusivity = 1.0e-4\n' "$steps"
  printf 'initial = "300 + 50*sin(7*x + 3)"\n[boundary]\n'
  for ((i = 0; i < sides; i++)); do printf '%s = { kind = "fixed", value = 300 }\n' "${axes[i]}"; done
} >"$work/config.toml"

raise_hosts() {  # frames lost of a thousand
  [ -z "$switch" ] || { kill "$switch" && wait "$switch" || true; }
  switch=
  "$lab" down >/dev/null 2>&1 || true
  "$lab" up $hosts >/dev/null || missing "'$lab up $hosts' fails"
  . "$(dirname "$lab")/env.sh"
  "$slow" 50 1000 "$1" fab0 10.78.0 $(cat "$HOSTLAB"/n*.pid) >"$work/switch.log" 2>&1 &
  switch=$!
  for _ in $(seq 100); do grep -q ready "$work/switch.log" && break; sleep 0.1; done
  grep -q ready "$work/switch.log" || missing "the switch does not start: $(cat "$work/switch.log")"
  export OMPI_MCA_btl_tcp_if_include=10.78.0.0/24
  "$lab" hostfile 2 >"$work/hosts.txt"
}

# One run; leaves its report and prints its rate in Mcell/s.
run() {  # depth
  timeout -k 5 200 "$mpirun" -np $ranks --hostfile "$work/hosts.txt" --mca routed direct "$heatsim" run "$work/config.toml" \
    --quiet --threads 1 --set "parallel.depth=$1" --report "$work/report.json" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; return 1; }
  local print
  print=$(sed -n 's/^fingerprint //p' "$work/log")
  [ "$print" = "$expected" ] || { echo "deep-halo: fingerprint $print instead of $expected" >&2; return 1; }
  sed -n 's/.*"gcell_per_second"[^0-9]*\([0-9.eE+-]*\).*/\1/p' "$work/report.json" | awk '{print 1000 * $1}'
}
median() { sort -g | awk '{v[NR] = $1} END {printf "%.6g\n", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

expected=$("$heatsim" run "$work/config.toml" --quiet --threads 1 --report "$work/report.json" | sed -n 's/^fingerprint //p')
raise_hosts 0
: >"$work/rates"
for ((round = 1; round <= pairs; round++)); do
  if [ $((round % 2)) = 1 ]; then plain=$(run 1); deep=$(run "$depth")
  else deep=$(run "$depth"); plain=$(run 1); fi
  echo "$deep $plain" | tee -a "$work/rates" | awk -v d="$depth" '{printf "  depth %s %.3f Mcell/s   depth 1 %.3f Mcell/s\n", d, $1, $2}'
done
raise_hosts 1
for lossy in 1 "$depth"; do
  echo "with one frame of a thousand lost, depth $lossy: $(run "$lossy") Mcell/s, the same fingerprint $expected"
done
awk '{print $1 / $2}' "$work/rates" | sort -g >"$work/ratios"
echo "deep-halo ratio $(median <"$work/ratios") (median of $pairs pairs, $(head -n 1 "$work/ratios") to" \
  "$(tail -n 1 "$work/ratios"); $(awk '{print $1}' "$work/rates" | median) Mcell/s," \
  "$(awk '{print $2}' "$work/rates" | median) Mcell/s)"
