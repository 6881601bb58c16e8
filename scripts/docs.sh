#!/bin/bash
# Builds the documentation of the MPI module with the toolchain's own docc, and fails on a warning: scripts/docs.sh BIN
#   BIN  where `swift build` put what it built (swift build --show-bin-path, with the same flags)
# The result, .build/docs/MPI, is a folder for any web server, for example `python3 -m http.server -d .build/docs/MPI`.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:?where swift build put what it built}
build=.build/docs
rm -rf "$build"
mkdir -p "$build/symbols"

library=ompi-c
[ "${HALO_MPI:-}" = mpich ] && library=mpich
flags=()
for flag in $(pkg-config --cflags "$library"); do flags+=(-Xcc "$flag"); done
target=$(swift -print-target-info | sed -n 's/.*"triple" *: *"\([^"]*\)".*/\1/p' | head -n 1)
swift symbolgraph-extract -module-name MPI -target "$target" -I "$bin/Modules" -I Sources/System/CMPI "${flags[@]}" \
  -minimum-access-level public -skip-synthesized-members -output-dir "$build/symbols"
docc convert Sources/MPI/MPI.docc --additional-symbol-graph-dir "$build/symbols" --output-dir "$build/MPI" \
  --fallback-display-name MPI --fallback-bundle-identifier halo.MPI --warnings-as-errors
echo "The documentation is in $build/MPI."
