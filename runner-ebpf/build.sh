#!/bin/sh
# Builds the kernel program's object, byte for byte the same in any folder and on any machine.
#
#   runner-ebpf/build.sh           build runner-ebpf/goproctor.bpf.o, which is committed
#   runner-ebpf/build.sh --check   build it elsewhere and compare; exit 1 when they differ
#   runner-ebpf/build.sh --unmended FILE
#                                  build FILE without what keeps kernels from crashing, for `make kernels-unmended`
#
# Installs what is missing: Rust 1.98.0 with its source (rustup), LLVM 22 (apt), bpf-linker 0.13.0 (cargo).
set -eu

rust=1.98.0
linker=0.13.0
crate=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$crate")
object=$crate/goproctor.bpf.o
cargo_home=${CARGO_HOME:-$HOME/.cargo}

say() { printf '%s\n' "$*" >&2; }
die() { say "build.sh: $*"; exit 1; }

features=kernel
check=no
case ${1-} in
'') ;;
--check) check=yes ;;
--unmended)
    [ $# = 2 ] || die "--unmended takes the file to write"
    features=kernel,private-stack
    object=$2
    ;;
*) die "unknown argument '$1'; usage: build.sh [--check | --unmended FILE]" ;;
esac

# --- The tool chain.
export PATH="$cargo_home/bin:$PATH"
command -v rustup >/dev/null || die "rustup is missing: see https://rustup.rs"
if ! rustup run "$rust" rustc --version >/dev/null 2>&1 ||
    [ ! -e "$(rustup run "$rust" rustc --print sysroot)/lib/rustlib/src/rust/library/core/src/lib.rs" ]; then
    say "installing Rust $rust with its source"
    rustup toolchain install "$rust" --profile minimal --component rust-src
fi
if ! command -v llvm-config-22 >/dev/null || ! command -v llvm-strip-22 >/dev/null; then
    command -v apt-get >/dev/null || die "LLVM 22 is missing: install llvm-22, llvm-22-dev, zlib1g-dev, libzstd-dev and libxml2-dev"
    say "installing LLVM 22"
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    $sudo apt-get install -y --no-install-recommends llvm-22 llvm-22-dev zlib1g-dev libzstd-dev libxml2-dev
fi
if [ "$(bpf-linker --version 2>/dev/null | cut -d' ' -f2)" != "$linker" ]; then
    say "installing bpf-linker $linker"
    LLVM_PREFIX=$(llvm-config-22 --prefix)
    export LLVM_PREFIX
    PATH="$LLVM_PREFIX/bin:$PATH" cargo "+$rust" install bpf-linker --version "$linker" --locked \
        --no-default-features --features llvm-22
fi

# --- The build. No path of this machine may get into the object: not the folder's, not the crates', not
# the standard library's. Cargo's own settings for the host do not hold here.
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
sysroot=$(rustup run "$rust" rustc --print sysroot)
# The crates must be there before their folder is looked for.
(cd "$root" && cargo "+$rust" fetch --quiet --locked)
registry=$(find "$cargo_home/registry/src" -mindepth 1 -maxdepth 1 -type d 2>/dev/null || true)
flags="-Cdebuginfo=2 -Clink-arg=--btf -Ctarget-cpu=v3 -Ccodegen-units=1"
flags="$flags --remap-path-prefix=$root=/goproctor --remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rust"
flags="$flags --remap-path-prefix=$cargo_home=/cargo"
for folder in $registry; do
    flags="$flags --remap-path-prefix=$folder=/crates"
done
(
    cd "$root"
    unset CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER CARGO_BUILD_RUSTFLAGS CARGO_INCREMENTAL
    RUSTFLAGS=$flags RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target \
        cargo "+$rust" build --quiet --locked --profile kernel -Zbuild-std=core --target bpfel-unknown-none \
        -p goproctor-ebpf --features $features --bin goproctor-kernel
)
built=$target/bpfel-unknown-none/kernel/goproctor-kernel
# What is left for the verifier's messages is BTF, with file names and lines.
llvm-strip-22 --strip-debug "$built"

if [ "$check" = yes ]; then
    if ! cmp -s "$built" "$object"; then
        say "build.sh: runner-ebpf/goproctor.bpf.o is not what its source gives; run runner-ebpf/build.sh and commit the result"
        sha256sum "$built" "$object" >&2 || true
        exit 1
    fi
    say "runner-ebpf/goproctor.bpf.o is what its source gives"
else
    cp "$built" "$object"
    sha256sum "$object" >&2
fi
