#!/bin/bash
# Runs a case of Simulations on a few ranks and says where its files are: scripts/run-case.sh CASE RANKS FOLDER-OF-PROGRAMS
set -eu
case=$1 ranks=$2 folder=$3
root=$(cd "$(dirname "$0")/.." && pwd)
config=$root/Simulations/$case/config.toml
program=$folder/weathersim
if grep -q '^solver = "heat"' "$config"; then program=$folder/heatsim; fi
out=out/$case
mkdir -p "$root/$out"

# Open MPI refuses root unless it is told twice; a container often has no other user.
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

# Paths in a configuration are relative to where the run was started.
(cd "$root/$out" && mpirun --oversubscribe -np "$ranks" "$program" "$config")

found=0
tell() {  # kind, suffix
  local file
  for file in "$root/$out"/*."$2"; do
    [ -e "$file" ] || continue
    printf '%-8s %s\n' "$1:" "$out/$(basename "$file")"
    found=$((found + 1))
  done
}
echo
tell picture png
tell NetCDF nc
[ "$found" -ge 2 ] || { echo "run-case.sh: no picture or no NetCDF file in $out" >&2; exit 1; }
