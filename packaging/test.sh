#!/usr/bin/env bash
# Installs what is missing, builds Hearsay with its tests, and runs them all. The last line counts test functions.
#   packaging/test.sh [--preset release|debug|asan|tsan] [-- arguments for ctest]
set -euo pipefail
. "$(dirname "$0")/common.sh"

preset=release
while [ $# -gt 0 ]; do
  case "$1" in
    --preset) preset=${2:?--preset needs a name}; shift ;;
    --) shift; break ;;
    -h | --help) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "Unknown option $1 (see $0 --help)" ;;
  esac
  shift
done

install_missing "${build_packages[@]}" "${window_packages[@]}" "${test_packages[@]}"
prefer_openmp_blas

build="$root/build-test-$preset"
mkdir -p "$build"
cmake -S "$root" --preset "$preset" -B "$build" > "$build/configure.log" 2>&1 ||
  { tail -n 20 "$build/configure.log" >&2; die "Configuring failed: $build/configure.log"; }
say "Building in $build"
ninja -C "$build" -j "$(build_jobs)" > "$build/build.log" 2>&1 ||
  { grep -E -A 12 'error|FAILED' "$build/build.log" | head -n 80 >&2; die "Building failed: $build/build.log"; }

case "$preset" in
  asan)  # LibTorch and Qt keep memory until the end; suppressions name only libraries, never our own code
    export ASAN_OPTIONS="detect_leaks=1:new_delete_type_mismatch=0:${ASAN_OPTIONS:-}"
    export LSAN_OPTIONS="suppressions=$root/packaging/lsan.supp:print_suppressions=0"
    export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1" ;;
  tsan)
    export TSAN_OPTIONS="suppressions=$root/packaging/tsan.supp:ignore_noninstrumented_modules=1:halt_on_error=0:exitcode=66:die_after_fork=0" ;;
esac

log="$build/tests.log"
status=0
ctest --test-dir "$build" --output-on-failure --verbose "$@" > "$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
  grep -E 'FAIL!|XPASS|Loc: |Actual|Expected|ERROR: |SUMMARY: |\*\*\*(Failed|Timeout|Exception)' "$log" | head -n 200 || true
  # One that ended before its last line says why in what it printed last, or nowhere.
  while IFS=: read -r number name; do
    grep -q "^$number: Totals: " "$log" && continue
    say "$name ended early, after:"
    sed -n "s/^$number: /  /p" "$log" | tail -n 20 >&2
  done < <(cat "$build/Testing/Temporary/LastTestsFailed.log" 2> /dev/null)
fi
sed -n '/tests passed/,$p' "$log"
grep -E 'SKIP  ' "$log" | sed 's/^[0-9]*: //' | sort | uniq -c | head -n 20 || true

# Each Qt Test executable closes with "Totals: P passed, F failed, S skipped, ..."; one that crashed has no such line.
read -r passed failed skipped < <(awk '/Totals: / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1)
  if ($i ~ /^failed/) f += $(i-1); if ($i ~ /^skipped/) s += $(i-1) } } END { print p + 0, f + 0, s + 0 }' "$log")
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
[ "$passed" -gt 0 ] || { say "No test ran: $log"; status=1; }
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
