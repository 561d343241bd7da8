#!/usr/bin/env bash
# Pictures of every page in a real window under Xvfb: light and dark, at 1x and 2x, small and large; into FOLDER (or
# build-screenshots). Those the README shows go to resources/screenshots with --readme.
#   packaging/screenshots.sh [--readme] [FOLDER]
set -euo pipefail
. "$(dirname "$0")/common.sh"

readme=no
if [ "${1:-}" = --readme ]; then readme=yes; shift; fi
out=$(realpath -m "${1:-$root/build-screenshots}")
mkdir -p "$out"
install_missing "${build_packages[@]}" "${window_packages[@]}" "${test_packages[@]}"

build="$root/build-test-release"
cmake -S "$root" --preset release -B "$build" > "$out/configure.log" 2>&1 || die "Configuring failed: $out/configure.log"
ninja -C "$build" -j "$(build_jobs)" screenshots >&2

shoot() {  # prefix theme size scale
  say "$1"
  QT_QPA_PLATFORM=xcb QT_SCALE_FACTOR=$4 HEARSAY_RESOURCES="$root/resources" \
    xvfb-run -a -s '-screen 0 4000x2400x24' "$build/tests/ui/screenshots" "$out" "$1" "$2" "$3" 2> "$out/$1log" ||
    say "  see $out/$1log"
}
shoot light- light 1280x800 1
if [ "$readme" = yes ]; then
  mkdir -p "$root/resources/screenshots"
  for page in teach listen files label models; do
    cp "$out/light-$page.png" "$root/resources/screenshots/$page.png"
  done
fi
shoot dark- dark 1280x800 1
shoot small- light 1024x700 1
shoot large-dark- dark 1920x1080 1
shoot light-2x- light 1024x700 2
say "Pictures in $out"
