#!/bin/bash
# Builds the packages of Examples/GrayScott, Wave and Advection as their readers do, and runs each on several layouts and
# at two depths: all fingerprints of one must be the same. The packages use the folder of built files of this one, so that
# the library is not compiled once more. Arguments: swift build's flags (-c release -Xcc -march=native unless given).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
flags=("$@")
[ $# -gt 0 ] || flags=(-c release -Xcc -march=native)
scratch=$root/.build
launcher=mpirun
# Without an alternative installed beside it, Open MPI's command has the plain name.
if command -v mpirun.openmpi >/dev/null; then launcher=mpirun.openmpi; fi
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

failures=0
for pair in GrayScott:grayscott Wave:wave Advection:advection; do
  folder=$root/Examples/${pair%:*} name=${pair#*:}
  cd "$folder"
  log=$(swift build "${flags[@]}" --scratch-path "$scratch" 2>&1) || { echo "$log" >&2; exit 1; }
  program=$(swift build "${flags[@]}" --scratch-path "$scratch" --show-bin-path)/$name
  expected=""
  for depth in 1 auto; do
    for layout in 1x1 2x1 1x2 4x1; do
      ranks=${layout%x*} threads=${layout#*x}
      # Nothing is kept for other runs, nor taken from them.
      found=$(XDG_CACHE_HOME=/dev/null/cache timeout -k 5 120 "$launcher" --oversubscribe --bind-to none -np "$ranks" "$program" config.toml --quiet \
        --no-output --threads "$threads" --set time.steps=200 --set "parallel.depth=$depth" 2>/dev/null) || found=failed
      [ -n "$expected" ] || expected=$found
      if [ "$found" = "$expected" ] && [[ "$found" == fingerprint\ * ]]; then continue; fi
      echo "$name on $layout ranks x threads at depth $depth: $found instead of $expected" >&2
      failures=$((failures + 1))
    done
  done
  echo "$name: $expected on 1x1, 2x1, 1x2 and 4x1 ranks x threads, at depths 1 and auto"
done
[ "$failures" = 0 ]
