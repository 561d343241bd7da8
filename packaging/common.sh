# Shared by run.sh, test.sh and their kin: what Hearsay needs from Debian 12, and how it is installed and built.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(
  g++ cmake ninja-build pkg-config ccache git ca-certificates
  libtorch-dev libopenblas0-openmp
  libsndfile1-dev libsoxr-dev portaudio19-dev libavformat-dev libavcodec-dev libswresample-dev libavutil-dev
  libicu-dev nlohmann-json3-dev libcli11-dev libsqlite3-dev libspdlog-dev libssl-dev
  libreaderwriterqueue-dev
)
window_packages=(
  qt6-base-dev qt6-svg-dev libqcustomplot-dev libgl1-mesa-dev libegl1-mesa-dev libxkbcommon-dev
  fonts-dejavu-core libasound2-plugins
)
test_packages=(pulseaudio pulseaudio-utils xvfb xauth ffmpeg sqlite3 locales)

# LibTorch's threads (GCC's OpenMP) wait for one another by spinning. With another busy program on the same cores that makes
# a window three times slower, a tuning forty times; waiting in the kernel after a short spin costs a little when alone.
export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-1000}"

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# install_missing PACKAGE... : says what is missing, then installs it, as root or through sudo.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing from Debian: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "These packages need to be installed by root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq || say "The package lists could not be renewed; trying with those there are."
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "Some packages could not be installed: ${missing[*]}"
}

# OpenBLAS comes in builds with their own thread pool, which fights LibTorch's. The OpenMP one shares it.
prefer_openmp_blas() {
  local link wanted
  link="libopenblas.so.0-$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)"
  wanted=$(update-alternatives --list "$link" 2>/dev/null | grep openmp | head -n 1)
  if [ -n "$wanted" ] && ! update-alternatives --query "$link" 2>/dev/null | grep -q "^Value: $wanted"; then
    say "Note: OpenBLAS in use is not the OpenMP build; Hearsay is up to twice as fast with it:"
    say "  update-alternatives --set $link $wanted"
  fi
}

# As many compiles at once as there are cores, and 2 GB of memory for each.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ {print int($2 / 2000000)}' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  [ "$memory" -lt "$cores" ] && echo "$memory" || echo "$cores"
}

# The PyPI wheel of torch holds LibTorch with CUDA; it goes into a virtual environment of Hearsay's own.
cuda_torch_folder() {
  local venv="${XDG_CACHE_HOME:-$HOME/.cache}/hearsay/torch-venv"
  install_missing python3-venv
  if [ ! -x "$venv/bin/python" ]; then
    say "Fetching LibTorch with CUDA from PyPI (several GB) into $venv"
    python3 -m venv "$venv" && "$venv/bin/pip" install -q torch numpy || die "torch could not be installed from PyPI."
  fi
  "$venv/bin/python" -c 'import os, torch; print(os.path.dirname(torch.__file__))'
}
