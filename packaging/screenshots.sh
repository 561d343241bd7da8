#!/usr/bin/env bash
# Pictures of every page in a real window under Xvfb, with a microphone that hears the bundled sounds (PulseAudio): light
# and dark, 1024x700, 1280x800 and 1920x1080, at 1x and 2x; into FOLDER (or build-screenshots). Those the README shows go to
# resources/screenshots with --readme. HEARSAY_BUILD: a build folder that is there already.
#   packaging/screenshots.sh [--readme] [FOLDER]
set -euo pipefail
. "$(dirname "$0")/common.sh"

readme=no
if [ "${1:-}" = --readme ]; then readme=yes; shift; fi
out=$(realpath -m "${1:-$root/build-screenshots}")
mkdir -p "$out"
install_missing "${build_packages[@]}" "${window_packages[@]}" "${test_packages[@]}"

build="${HEARSAY_BUILD:-$root/build-test-release}"
if [ -z "${HEARSAY_BUILD:-}" ]; then
  cmake -S "$root" --preset release -B "$build" > "$out/configure.log" 2>&1 || die "Configuring failed: $out/configure.log"
  ninja -C "$build" -j "$(build_jobs)" screenshots >&2
fi

for scale in 1 2; do
  say "Pictures at ${scale}x (two minutes)"
  QT_QPA_PLATFORM=xcb QT_SCALE_FACTOR=$scale HEARSAY_RESOURCES="$root/resources" \
    xvfb-run -a -s '-screen 0 4000x2400x24' "$build/tests/ui/screenshots" "$out" 2> "$out/$scale.log" ||
    die "  that went wrong; see $out/$scale.log"
done
if [ "$readme" = yes ]; then
  mkdir -p "$root/resources/screenshots"
  cp "$out/listen-light-1280x800@1x.png" "$root/resources/screenshots/listen.png"
fi
say "Pictures in $out"
