#!/bin/bash
# Builds the package Examples/MPI as its readers do, runs its programs on 1 to 4 ranks and compares what they print with
# Examples/MPI/Expected: NAME.txt, or NAME-RANKS.txt where it depends on the number of ranks. HALO_MPI=mpich uses MPICH.
# It uses the folder of built files of the package that it stands in, so that the library is not compiled once more.
# Arguments: swift build's flags (-c release -Xcc -march=native unless given).
set -euo pipefail
cd "$(dirname "$0")/../Examples/MPI"
flags=("$@")
[ $# -gt 0 ] || flags=(-c release -Xcc -march=native)

if [ "${HALO_MPI:-}" = mpich ]; then
  folder=../../.build-mpich launcher=(mpirun.mpich)
else
  folder=../../.build launcher=(mpirun --oversubscribe)
  # Without an alternative installed beside it, Open MPI's command has the plain name.
  if command -v mpirun.openmpi >/dev/null; then launcher[0]=mpirun.openmpi; fi
fi
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

log=$(swift build "${flags[@]}" --scratch-path "$folder" 2>&1) || { echo "$log" >&2; exit 1; }
programs=$(swift build "${flags[@]}" --scratch-path "$folder" --show-bin-path)
failures=0
for source in Sources/*; do
  name=${source##*/}
  for ranks in 1 2 3 4; do
    expected=Expected/$name.txt
    [ -f "$expected" ] || expected=Expected/$name-$ranks.txt
    if ! timeout -k 5 60 "${launcher[@]}" -np "$ranks" "$programs/$name" | diff "$expected" -; then
      echo "$name on $ranks ranks failed, or printed something else than $expected." >&2
      failures=$((failures + 1))
    fi
  done
done
[ "$failures" = 0 ] || exit 1
echo "The examples print what they should on 1, 2, 3 and 4 ranks (${launcher[0]})."
