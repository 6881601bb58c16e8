#!/bin/bash
# The rules of the house that a compiler does not check. Prints each line that breaks one; status 1 if there is any.
set -u
cd "$(dirname "$0")/.." || exit 2
broken=0
rule() {  # what holds, lines that break it
  [ -z "$2" ] && return
  broken=1
  printf '%s:\n%s\n' "$1" "$2" >&2
}

physics=()
for folder in Sources/Heat Sources/Weather; do [ -d "$folder" ] && physics+=("$folder"); done
if [ ${#physics[@]} = 0 ]; then
  echo "check-rules.sh: no physics module in Sources" >&2
  exit 2
fi
# Comments may speak of whatever they like.
code=$(grep -rnE '' --include='*.swift' "${physics[@]}" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*//')
rule "Physics imports Stencils and nothing else" \
  "$(grep -E ':[0-9]+:.*\bimport [A-Za-z]' <<<"$code" | grep -vE ':[0-9]+:((public|package|internal|private) )?import Stencils$')"
rule "Physics names no MPI, thread, pointer or file" \
  "$(grep -E '\b(C?MPI|MPI_[A-Za-z_]+)\b|Unsafe[A-Z]|[a-z]Pointer\b|pthread_|\bThread[A-Z]|\bFile(Manager|Handle|Descriptor)\b|\bfopen\(' <<<"$code")"
rule "The programs of Examples/MPI import MPI alone and need no pointer" \
  "$(grep -rnE '\bimport [A-Z]|[Uu]nsafe|Pointer\b|rawHandle' --include='*.swift' Examples/MPI/Sources | grep -v ':import MPI$')"
rule "Only Sources/MPI imports CMPI" \
  "$(grep -rnE '\bimport CMPI\b' --include='*.swift' Sources Tests Examples 2>/dev/null | grep -v '^Sources/MPI/')"
# swift build's own --explicit-target-dependency-import-check lets modules of a dependency's dependency through.
rule "A target imports what Package.swift declares for it, and no more" "$(
  swift package describe | awk '
    /^    Path: / {path = $2; declared = ""; listing = 0}
    /^    [A-Z]/ {listing = /^    Target dependencies:/; next}
    listing && NF {declared = declared " " $1}
    !NF && path {print path declared; path = ""}
    END {if (path) print path declared}' | while read -r path declared; do
    grep -rnE '^[^"]*\bimport ([a-z]+ )?[A-Z][A-Za-z]*' --include='*.swift' "$path" 2>/dev/null |
      grep -vE ':[0-9]+:[[:space:]]*//' | while read -r line; do
      module=$(sed -E 's/.*\bimport (typealias |struct |class |enum |protocol |let |var |func )?([A-Za-z]+).*/\2/' <<<"$line")
      case " Swift Glibc Foundation Synchronization Testing $declared " in *" $module "*) ;; *) echo "$line" ;; esac
    done
  done
)"
rule "A file has at most 400 lines" \
  "$(find Sources Tests Examples Benchmarks scripts slurm -type f 2>/dev/null | while read -r file; do
    case "$file" in *.swift | *.[ch] | *.cpp | *.sh | *.sbatch | Benchmarks/run) ;; *) continue ;; esac
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || echo "$file: $lines lines"
  done)"
[ "$broken" = 0 ] && echo "The rules hold: dependencies, names, lengths."
exit "$broken"
