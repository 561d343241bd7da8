#!/usr/bin/env bash
# Installs what is missing, builds Hearsay, and runs it: the window, or with no display (or --headless) the same job
# through hearsay-cli on the bundled sounds.
#   packaging/run.sh [--headless] [--cuda] [--build-only] [-- arguments for hearsay]
set -euo pipefail
. "$(dirname "$0")/common.sh"

headless=no cuda=no build_only=no
while [ $# -gt 0 ]; do
  case "$1" in
    --headless) headless=yes ;;
    --cuda) cuda=yes ;;
    --build-only) build_only=yes ;;
    --) shift; break ;;
    -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "Unknown option $1 (see $0 --help)" ;;
  esac
  shift
done
[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || headless=yes

install_missing "${build_packages[@]}" "${window_packages[@]}"
prefer_openmp_blas

build="$root/build-release" options=()
if [ "$cuda" = yes ]; then
  build="$root/build-cuda"
  options+=("-DCMAKE_PREFIX_PATH=$(cuda_torch_folder)")
fi
mkdir -p "$build"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEARSAY_TESTS=OFF "${options[@]}" \
  > "$build/configure.log" 2>&1 || { tail -n 20 "$build/configure.log" >&2; die "Configuring failed: $build/configure.log"; }
say "Building in $build"
ninja -C "$build" -j "$(build_jobs)" hearsay hearsay-cli >&2 || die "Building failed."
[ "$build_only" = no ] || exit 0

if [ "$headless" = no ]; then
  exec "$build/app/hearsay" "$@"
fi

cli="$build/app/hearsay-cli"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
say
say "No window: tuning ten classes from their names alone, then naming the bundled sounds."
"$cli" tune --classes-file "$root/resources/presets/bundled-sounds.txt" --bank --out "$out/bundled.safetensors" \
  --report "$out/report.json"
say
"$cli" classify "$root/resources/sounds" --prompts "$out/bundled.safetensors" --top 1 --quiet --out "$out/table.csv"
awk -F, 'NR == 1 { printf "%-28s %6s %6s  %-22s %6s %10s\n", "file", "start", "end", "heard", "score", "similarity"; next }
         { n = split($1, path, "/"); printf "%-28s %6.1f %6.1f  %-22s %6.2f %10.2f\n", path[n], $2, $3, $5, $6, $7 }' "$out/table.csv"
