#!/bin/bash
# Builds the documentation with the toolchain's own docc, and fails on a warning: scripts/docs.sh BIN
#   BIN  where `swift build` put what it built (swift build --show-bin-path, with the same flags)
# The results, .build/docs/MPI and .build/docs/Stencils, are folders for any web server, for example
# `python3 -m http.server -d .build/docs/Stencils`.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:?where swift build put what it built}
build=.build/docs
rm -rf "$build"
mkdir -p "$build"

libraries=(ompi-c hwloc sleef)
[ "${HALO_MPI:-}" = mpich ] && libraries[0]=mpich
flags=()
for flag in $(pkg-config --cflags "${libraries[@]}"); do flags+=(-Xcc "$flag"); done
for folder in Sources/System/*/; do flags+=(-I "$folder"); done
flags+=(-Xcc "-fmodule-map-file=$bin/CLanes.build/module.modulemap" -Xcc -march=native)
target=$(swift -print-target-info | sed -n 's/.*"triple" *: *"\([^"]*\)".*/\1/p' | head -n 1)

document() {  # module, its catalogue
  local symbols=$build/symbols-$1
  mkdir -p "$symbols"
  swift symbolgraph-extract -module-name "$1" -target "$target" -I "$bin/Modules" "${flags[@]}" \
    -minimum-access-level public -skip-synthesized-members -output-dir "$symbols"
  docc convert "$2" --additional-symbol-graph-dir "$symbols" --output-dir "$build/$1" \
    --fallback-display-name "$1" --fallback-bundle-identifier "halo.$1" --warnings-as-errors
}

document MPI Sources/MPI/MPI.docc

# What is said elsewhere is taken from there: an example's source where its path stands between @@, and the reference of
# the configuration, which the command prints from the table that its parser uses.
catalogue=$build/Stencils.docc
cp -r Sources/Stencils/Stencils.docc "$catalogue"
for page in "$catalogue"/*.md; do
  while IFS= read -r line; do
    if [[ "$line" =~ ^@@(.*)@@$ ]]; then
      printf '```swift\n%s\n```\n' "$(cat "${BASH_REMATCH[1]}")"
    else
      printf '%s\n' "$line"
    fi
  done <"$page" >"$page.whole"
  mv "$page.whole" "$page"
done
"$bin/heatsim" --reference >"$catalogue/Configuration.md"
document Stencils "$catalogue"
echo "The documentation is in $build/MPI and $build/Stencils."
