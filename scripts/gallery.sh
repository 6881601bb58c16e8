#!/bin/bash
# Runs every case of Simulations and every solver of Examples, and puts the picture of each beside its configuration, from
# where the README shows it: scripts/gallery.sh FOLDER-OF-PROGRAMS [NAME...]
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
bin=$(realpath "${1:?the folder of the programs}")
shift
names=("$@")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

wanted() { [ ${#names[@]} = 0 ] || [[ " ${names[*]} " == *" $1 "* ]]; }

picture() {  # program, folder with config.toml
  local name
  name=$(basename "$2")
  wanted "$name" || return 0
  rm -rf ./*
  # What a configuration reads lies beside it, and names in it are taken from where the run is started.
  find "$2" -maxdepth 1 -name '*.nc' -exec cp {} . \;
  echo "$name"
  "$1" "$2/config.toml" --quiet >/dev/null
  local made
  made=$(find . -name '*.png' | sort | head -n 1)
  [ -n "$made" ] || { echo "gallery.sh: $name made no picture" >&2; exit 1; }
  cp "$made" "$2/picture.png"
}

for config in "$root"/Simulations/*/config.toml; do
  program=$bin/weathersim
  if grep -q '^solver = "heat"' "$config"; then program=$bin/heatsim; fi
  # A case that is there to be measured has no picture.
  grep -q '^picture' "$config" || continue
  picture "$program" "$(dirname "$config")"
done
picture "$bin/example-gray-scott" "$root/Examples/GrayScott"
picture "$bin/example-wave" "$root/Examples/Wave"
picture "$bin/example-advection" "$root/Examples/Advection"
