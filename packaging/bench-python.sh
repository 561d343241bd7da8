#!/usr/bin/env bash
# Hearsay beside PyTorch and transformers on the same weights, sounds, cores and threads, in turn, in one run: audio
# towers, log-mel, a folder of files. Builds Hearsay with its benchmarks; makes its own virtual environment, full-size
# checkpoints with random weights (1.2 GB) and sounds (232 MB) in the cache folder, once.
#   packaging/bench-python.sh [--threads N] [--files 500] [--rounds 9]
#   packaging/bench-python.sh --memory      how much memory opening each published size takes (3 GB of checkpoints)
# HEARSAY_BENCH_PYTHON=python: use it in place of the virtual environment. HEARSAY_BUILD=folder: use what is built there.
set -euo pipefail
. "$(dirname "$0")/common.sh"

threads=$(nproc) arguments=() memory=no
while [ $# -gt 0 ]; do
  case "$1" in
    --threads) threads=${2:?--threads needs a number}; shift ;;
    --files | --rounds) arguments+=("$1" "${2:?$1 needs a number}"); shift ;;
    --memory) memory=yes ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "Unknown option $1 (see $0 --help)" ;;
  esac
  shift
done

cache="${XDG_CACHE_HOME:-$HOME/.cache}/hearsay/bench-python"
mkdir -p "$cache"

build="${HEARSAY_BUILD:-}"
if [ -z "$build" ]; then
  build="$root/build-bench"
  install_missing "${build_packages[@]}" qt6-base-dev libbenchmark-dev  # Qt: the benchmarks are among the tests
  prefer_openmp_blas
  mkdir -p "$build"
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEARSAY_GUI=OFF \
    -DHEARSAY_BENCH=ON > "$build/configure.log" 2>&1 ||
    { tail -n 20 "$build/configure.log" >&2; die "Configuring failed: $build/configure.log"; }
  say "Building in $build"
  ninja -C "$build" -j "$(build_jobs)" hearsay-cli bench_by_line >&2 || die "Building failed."
fi

python="${HEARSAY_BENCH_PYTHON:-}"
if [ -z "$python" ]; then
  venv="$cache/venv"
  python="$venv/bin/python"
  if [ ! -e "$venv/complete" ]; then
    install_missing python3-venv ffmpeg  # the pipeline reads files with ffmpeg
    say "Fetching torch and transformers from PyPI (several GB) into $venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q torch transformers soundfile numpy safetensors > "$cache/pip.log" 2>&1 ||
      { tail -n 20 "$cache/pip.log" >&2; die "They could not be installed from PyPI: $cache/pip.log"; }
    touch "$venv/complete"
  fi
fi

export HF_HUB_OFFLINE=1
if [ "$memory" = yes ]; then
  exec "$python" "$root/tests/bench/published_memory.py" "$cache" "$build/app/hearsay-cli"
fi
exec taskset -c "0-$((threads - 1))" "$python" "$root/tests/bench/python_towers.py" "$cache" \
  "$build/tests/bench/bench_by_line" "$build/app/hearsay-cli" --threads "$threads" "${arguments[@]}"
