#!/bin/bash
# A long run under bad conditions: 16 ranks, more than there are cores, over hosts with slow links, which are killed and
# continued on more and on fewer hosts until the time is over. Lap after lap of one configuration must end as the
# undisturbed run does: the same fingerprint, every record of the output once, the same numbers. The resident memory of
# every rank is sampled while it steps: it must not grow.
#   HALO_HOSTLAB=hostlab.sh [HALO_SWITCH=slowswitch] scripts/soak.sh [MINUTES] [HEATSIM]
# The hosts come from HALO_HOSTLAB as for kill-check.sh. HALO_SWITCH is a program `slowswitch DELAY_US RATE_MBIT
# LOSS_PERMILLE INTERFACE NET PID...` that links the hosts by slow network interfaces (50 us, 1 Gbit/s); without it the
# hosts' own links are made slow by `rate HOST 200mbit`. HALO_SEED=N repeats a sequence of kills.
set -u
minutes=${1:-60}
root=$(cd "$(dirname "$0")/.." && pwd)
heatsim=$(realpath "${2:-$root/.build/release/heatsim}")
lab=$(realpath "${HALO_HOSTLAB:?a script that starts and stops hosts}")
slow=${HALO_SWITCH:-}
RANDOM=${HALO_SEED:-$RANDOM}
ranks=16 hosts=4
work=$(mktemp -d "${TMPDIR:-/tmp}/soak.XXXXXX")
mpirun=$(command -v mpirun.openmpi || command -v mpirun)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export HOSTLAB=${HOSTLAB:-$work.hosts}  # where the lab keeps who is on
switch=

finish() {
  [ -z "$switch" ] || kill "$switch" 2>/dev/null
  "$lab" down >/dev/null 2>&1
  rm -rf "$work"
}
trap finish EXIT
cd "$work" || exit 2

# Steps of some ten milliseconds, messages of some kilobytes, a checkpoint a second, records in between.
cat >config.toml <<'TOML'
title = "A run that is soaked"
solver = "heat"
[grid]
cells = [192, 160, 96]
extent = [1.0, 0.8, 0.5]
[time]
end = 400.0
[heat]
conductivity = "1e-2 + 5e-3*x"
capacity = 100
source = "50*x"
initial = "300 + 20*x + 90*exp(-((x - 0.33)^2 + (y - 0.36)^2)/0.005)"
held = [{ region = { ball = { center = [0.6, 0.3, 0.2], radius = 0.1 } }, temperature = 310, h = 5 }]
[boundary]
x.low = { kind = "fixed", value = "300 + 5*sin(3*t)" }
x.high = { kind = "fixed", value = 320 }
[output]
file = "soak.nc"
every = 40.0
[checkpoint]
every = "1 s"
TOML
[ -z "${HALO_END:-}" ] || sed -i "s/^end = .*/end = $HALO_END/" config.toml

say() { echo "soak: $*"; }
fail() {
  say "$*; the last run said:"
  cat log
  exit 1
}
records() { ncmpidump -h "$1" 2>/dev/null | sed -nE 's/.*UNLIMITED ; \/\/ \(([0-9]+) currently\).*/\1/p'; }

mkdir undisturbed
(cd undisturbed && cp ../config.toml . && "$heatsim" config.toml --quiet) >log 2>&1 || fail "the undisturbed run fails"
expected=$(sed -n 's/^fingerprint //p' log)

raise_hosts() {
  [ -z "$switch" ] || { kill "$switch" 2>/dev/null; wait "$switch" 2>/dev/null; }
  "$lab" down >/dev/null 2>&1
  "$lab" up $hosts >/dev/null || exit 2
  . "$(dirname "$lab")/env.sh"
  if [ -n "$slow" ]; then
    "$slow" 50 1000 0 fab0 10.78.0 $(cat "$HOSTLAB"/n*.pid) >switch.log 2>&1 &
    switch=$!
    for _ in $(seq 100); do grep -qs ready switch.log && break; sleep 0.1; done
    grep -q ready switch.log || fail "the slow switch does not start: $(cat switch.log)"
    export OMPI_MCA_btl_tcp_if_include=10.78.0.0/24
  else
    for host in $(seq 0 $((hosts - 1))); do "$lab" rate "n$host" 200mbit; done
  fi
}

# Starts the run on so many hosts, those that are on, in the background.
start() {
  local used=$1
  "$lab" hostfile $(((ranks + used - 1) / used)) | grep -wE "$(IFS='|'; echo "${alive[*]}")" | head -n "$used" >hosts.txt
  timeout -k 5 600 "$mpirun" --oversubscribe --hostfile hosts.txt --map-by node --mca routed direct \
    --mca oob_tcp_keepalive_time 3 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 \
    -np $ranks "$heatsim" config.toml --threads 1 --set "parallel.depth=$depth" >log 2>&1 &
  runner=$!
}

# The resident memory of each of our ranks, in kB: SECONDS-SINCE-THE-START PROCESS KB.
sample() {
  local process
  for process in $(pgrep -f "^$heatsim config.toml"); do
    [ "$(readlink "/proc/$process/cwd" 2>/dev/null)" = "$work" ] || continue
    awk -v t="$1" -v p="$process" '/^VmRSS/ {print t, p, $2}' "/proc/$process/status" 2>/dev/null
  done
}

# Of each rank that was seen long enough, by how much it grew from one quarter of its samples to the next, medians, without
# the first quarter, which has the buffers that are made once: the lesser of the two steps, since a leak goes on. Of what
# MPI keeps for messages on their way there may be more when a host stands still: Open MPI makes room for 32 at once, of
# 64 kB each, and keeps it. A leak of a page a step shows; the allocator's own ups and downs of a few hundred kB do not.
grown() {
  awk '{n[$2]++; kb[$2, n[$2]] = $3}
    function median(p, from, to,   i, j, x, list, m) {
      m = 0
      for (i = from; i <= to; i++) {x = kb[p, i]; for (j = m++; j > 0 && list[j] > x; j--) list[j + 1] = list[j]; list[j + 1] = x}
      return list[int((m + 1) / 2)]
    }
    END {for (p in n) if (n[p] >= 12) {
      quarter = int(n[p] / 4)
      for (k = 2; k <= 4; k++) m[k] = median(p, (k - 1) * quarter + 1, k * quarter)
      print (m[4] - m[3] < m[3] - m[2] ? m[4] - m[3] : m[3] - m[2]), n[p], m[4] - m[2]}}' "$1" | sort -n
}

end=$((SECONDS + 60 * minutes))
laps=0 kills=0 most=0 once=0 seen=0
while [ $SECONDS -lt $end ]; do
  alive=() what=
  raise_hosts
  for host in $(seq 0 $((hosts - 1))); do alive+=("n$host"); done
  # A few kills, then the lap runs to its end.
  budget=$((RANDOM % 4))
  while :; do
    on=${#alive[@]} used=$((1 + RANDOM % ${#alive[@]})) depth=$((1 + RANDOM % 3))
    start $used
    began=$SECONDS
    life=$((3 + RANDOM % 8))
    : >memory
    while kill -0 $runner 2>/dev/null; do
      sleep 0.5
      sample $((SECONDS - began)) >>memory
      if [ $budget -gt 0 ] && [ $((SECONDS - began)) -ge $life ]; then break; fi
    done
    if kill -0 $runner 2>/dev/null; then
      budget=$((budget - 1)) kills=$((kills + 1))
      launcher=$(pgrep -P $runner | head -n 1)
      case $((RANDOM % 4)) in
        0) what=mpirun; kill -KILL "$launcher" ;;
        1) what="a stop"; kill -USR1 "$launcher" ;;
        2)
          what="a rank"
          victims=($(awk '{print $2}' memory | sort -u))
          kill -KILL "${victims[RANDOM % ${#victims[@]}]}" 2>/dev/null
          ;;
        3)
          host=${alive[RANDOM % ${#alive[@]}]} what="host $host"
          "$lab" kill "$host" >/dev/null 2>&1
          alive=($(printf '%s\n' "${alive[@]}" | grep -vx "$host"))
          ;;
      esac
    else
      what=end
    fi
    wait $runner
    status=$?
    while read -r growth samples both; do
      seen=$((seen + 1))
      [ "$growth" -le $most ] || most=$growth
      [ "$both" -le $once ] || once=$both
      [ "$growth" -le 512 ] || fail "a rank has grown by $growth kB, twice, in a quarter of $samples samples"
    done < <(grown memory)
    say "$what, on $used of $on hosts, depth $depth, after $((SECONDS - began)) s"
    [ "$what" != end ] || break
    [ ${#alive[@]} -gt 0 ] || { raise_hosts; alive=(n0 n1 n2 n3); }
  done
  [ $status = 0 ] || fail "the last attempt ends with status $status"
  got=$(sed -n 's/^fingerprint //p' log)
  [ "$got" = "$expected" ] || fail "fingerprint $got instead of $expected"
  [ "$(records soak.nc)" = "$(records undisturbed/soak.nc)" ] || fail "$(records soak.nc) records instead of $(records undisturbed/soak.nc)"
  ncmpidiff -q soak.nc undisturbed/soak.nc >diff.txt 2>&1
  ! grep -q "DIFF.*variable" diff.txt || { cat diff.txt; fail "the output differs"; }
  left=$(ls -A | grep -vxE 'config.toml|undisturbed|log|hosts.txt|diff.txt|memory|switch.log|soak.nc|run.json|status.json')
  [ -z "$left" ] || fail "left behind: $left"
  rm -f soak.nc run.json status.json
  laps=$((laps + 1))
done
say "passed: $laps laps and $kills kills in $SECONDS s, each lap with fingerprint $expected, the same numbers and records;" \
  "memory of $seen ranks watched, none went on growing by more than $most kB in a quarter of its run, nor grew by more than" \
  "$once kB in all"
