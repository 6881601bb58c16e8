#!/bin/bash
# Kills runs at random moments, goes on from their checkpoints on random other layouts, and compares what comes out in
# the end with a run that nobody disturbed: the fingerprint, every number of the output file, and the number of records.
#   scripts/kill-check.sh [KILLS] [HEATSIM]
# What is killed is a rank or mpirun, by SIGKILL, or the run is asked to stop by SIGUSR1; checkpoints are written so
# often that many kills fall into one. With HALO_HOSTLAB=hostlab.sh (a script that knows `up N`, `hostfile SLOTS`,
# `kill HOST`, `join HOST` and `down`, and leaves its env.sh beside it), runs go over several hosts, and hosts are
# switched off too. HALO_SEED=N repeats a sequence; HALO_CONFIG names another configuration, with kill.nc as its output.
set -u
kills=${1:-10}
root=$(cd "$(dirname "$0")/.." && pwd)
heatsim=$(realpath "${2:-$root/.build/release/heatsim}")
RANDOM=${HALO_SEED:-$RANDOM}
work=$(mktemp -d "${TMPDIR:-/tmp}/kill-check.XXXXXX")
lab=${HALO_HOSTLAB:-}
mpirun=$(command -v mpirun.openmpi || command -v mpirun)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Nothing is kept for other runs, nor taken from them.
export XDG_CACHE_HOME=/dev/null/cache
# Killed ranks leave their shared memory behind: in a folder of its own it can be swept away. The lab's hosts have memory
# of their own, which goes with them.
shared=/dev/shm/$(basename "$work")
mkdir "$shared"
[ -n "$lab" ] || export OMPI_MCA_btl_vader_backing_directory=$shared OMPI_MCA_osc_sm_backing_directory=$shared

finish() {
  [ -z "$lab" ] || "$lab" down >/dev/null 2>&1
  rm -rf "$work" "$shared"
}
trap finish EXIT
cd "$work" || exit 2

if [ -n "${HALO_CONFIG:-}" ]; then
  cp "$HALO_CONFIG" config.toml
else
  cat >config.toml <<'TOML'
title = "A run that is killed"
solver = "heat"
[grid]
cells = [240, 180]
extent = [1.0, 0.75]
[time]
end = 12.0
[heat]
conductivity = "1e-2 + 5e-3*x"
capacity = 100
source = "50*x*cos(t)"
initial = "300 + 20*x + 90*exp(-((x - 0.33)^2 + (y - 0.36)^2)/0.005)"
scheme = "heun"
held = [{ region = { ball = { center = [0.6, 0.3], radius = 0.1 } }, temperature = 310, h = 5 }]
[boundary]
x.low = { kind = "fixed", value = "300 + 5*sin(3*t)" }
x.high = { kind = "fixed", value = 320 }
[output]
file = "kill.nc"
every = 0.25
[checkpoint]
every = "9 steps"
TOML
fi

say() { echo "kill-check: $*"; }
fail() {
  say "$*; the last run said:"
  cat log
  cp -r "$work" "${TMPDIR:-/tmp}/kill-check-failed.$$" && say "its files are in ${TMPDIR:-/tmp}/kill-check-failed.$$"
  exit 1
}

mkdir undisturbed
(cd undisturbed && cp ../config.toml . && "$heatsim" config.toml --quiet --threads 1) >log 2>&1 || fail "the undisturbed run fails"
expected=$(sed -n 's/^fingerprint //p' log)
records() { ncmpidump -h "$1" | sed -nE 's/.*UNLIMITED ; \/\/ \(([0-9]+) currently\).*/\1/p'; }

alive=()  # the lab's hosts that are on
raise_hosts() {
  "$lab" down >/dev/null 2>&1
  "$lab" up 3 >/dev/null || exit 2
  . "$(dirname "$lab")/env.sh"
  alive=(n0 n1 n2)
}
[ -z "$lab" ] || raise_hosts

# Starts the run on a random layout, in the background.
start() {
  local ranks=$((1 + RANDOM % 4)) threads=$((1 + RANDOM % 2)) depth=$((1 + RANDOM % 4))
  local place=(--oversubscribe)
  if [ -n "$lab" ]; then
    # Where hosts were lost, those that are left have to do.
    "$lab" hostfile 2 | grep -wE "$(IFS='|'; echo "${alive[*]}")" >hosts.txt
    place+=(--hostfile hosts.txt --map-by node --mca routed direct --mca oob_tcp_keepalive_time 3
      --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3)
  fi
  layout="$ranks x $threads, depth $depth"
  timeout -k 5 120 "$mpirun" "${place[@]}" -np $ranks "$heatsim" config.toml --threads $threads \
    --set parallel.depth=$depth >log 2>&1 &
  runner=$!
}

ranks_of() { pgrep -f "^$heatsim config.toml" -d ' '; }
mine() {  # the processes of this check: those that run in its folder
  for process in $(ranks_of); do
    [ "$(readlink "/proc/$process/cwd" 2>/dev/null)" = "$work" ] && echo "$process"
  done
}

strike() {
  local victims launcher how=$((RANDOM % 4))
  launcher=$(pgrep -P $runner -x "$(basename "$(realpath "$mpirun")")" | head -n 1)
  [ -n "$launcher" ] || launcher=$(pgrep -P $runner | head -n 1)
  if [ -n "$lab" ] && [ $how = 3 ]; then
    local host=${alive[RANDOM % ${#alive[@]}]}
    what="host $host"
    "$lab" kill "$host" >/dev/null 2>&1
    alive=($(printf '%s\n' "${alive[@]}" | grep -vx "$host"))
    return
  fi
  case $how in
    0) what="mpirun"; kill -KILL "$launcher" 2>/dev/null ;;
    1) what="a stop"; kill -USR1 "$launcher" 2>/dev/null ;;
    *)
      what="a rank"
      victims=($(mine))
      [ ${#victims[@]} -gt 0 ] && kill -KILL "${victims[RANDOM % ${#victims[@]}]}" 2>/dev/null
      ;;
  esac
}

done_kills=0 runs=0
while [ $done_kills -lt "$kills" ]; do
  mkdir -p "$work"
  # A few kills a run, then it may end.
  budget=$((1 + RANDOM % 6))
  [ $budget -gt $((kills - done_kills)) ] && budget=$((kills - done_kills))
  while [ $budget -gt 0 ]; do
    start
    sleep "$((RANDOM % 2)).$((RANDOM % 10))$((RANDOM % 10))"
    if ! kill -0 $runner 2>/dev/null; then break; fi
    strike
    wait $runner 2>/dev/null
    done_kills=$((done_kills + 1)) budget=$((budget - 1))
    newest=$(ls kill.step*.checkpoint 2>/dev/null | tail -n 1)
    say "kill $done_kills: $what, on $layout; left: ${newest:-no checkpoint}"
    [ -z "$lab" ] || [ ${#alive[@]} -gt 0 ] || raise_hosts
  done
  if [ $budget = 0 ]; then start; fi
  wait $runner
  status=$?
  got=$(sed -n 's/^fingerprint //p' log)
  [ $status = 0 ] || fail "the last attempt ends with status $status"
  [ "$got" = "$expected" ] || fail "fingerprint $got instead of $expected"
  [ "$(records kill.nc)" = "$(records undisturbed/kill.nc)" ] || fail "$(records kill.nc) records instead of $(records undisturbed/kill.nc)"
  ncmpidiff -q kill.nc undisturbed/kill.nc >diff.txt 2>&1
  [ -s diff.txt ] && grep -q "DIFF.*variable" diff.txt && { cat diff.txt; fail "the output differs"; }
  left=$(ls -A | grep -vxE 'config.toml|undisturbed|log|hosts.txt|diff.txt|kill.nc|run.json|status.json')
  [ -z "$left" ] || fail "left behind: $left"
  runs=$((runs + 1))
  rm -f kill.nc run.json status.json
done
say "passed: $done_kills kills in $runs runs, each with fingerprint $expected, the same numbers and records"
