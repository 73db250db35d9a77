#!/bin/sh
# Installs what a target of the Makefile needs and is missing, and says what it does.
#   setup.sh java                 prints the JAVA_HOME of a JDK 25 or newer
#   setup.sh build|run|test|bench installs what that takes
set -eu

major() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }

newest_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/javac" ] && [ "$(major "$JAVA_HOME")" -ge 25 ] 2>/dev/null; then
    echo "$JAVA_HOME"
    return
  fi
  best=24 found=
  for jvm in /usr/lib/jvm/*/; do
    version=$(major "$jvm") || continue
    if [ -x "$jvm/bin/javac" ] && [ "${version:-0}" -gt "$best" ]; then found=${jvm%/} best=$version; fi
  done
  echo "$found"
}

install() {
  [ $# -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "setup: missing: $*. Install these packages as root, then run this again." >&2
    exit 1
  fi
  echo "setup: installing $*"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# missing PROGRAM PACKAGE: prints the package if the program is not there
missing() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null || echo "$2"; }

case "${1:-}" in
  java)
    newest_jdk
    ;;
  build | run | test | bench)
    [ -n "$(newest_jdk)" ] || install openjdk-25-jdk-headless || {
      echo "setup: there is no JDK 25 here; install one and set JAVA_HOME" >&2
      exit 1
    }
    packages="$(missing mvn maven) $(missing mkfs.ext4 e2fsprogs) $(missing losetup mount) $(missing mkfs.xfs xfsprogs) $(missing mkfs.btrfs btrfs-progs)"
    if { [ "$1" = test ] || [ "$1" = bench ]; } && [ "$(id -u)" = 0 ]; then
      packages="$packages $(missing dockerd docker.io) $(missing containerd containerd) $(missing runc runc) $(missing docker docker.io)"
      packages="$packages $(missing faketime faketime) $(missing sfdisk fdisk) $(missing mksquashfs squashfs-tools) $(missing genisoimage genisoimage) $(missing cryptsetup cryptsetup-bin)"
      python3 -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3 python3-venv"
      packages="$packages $(missing curl curl) $(missing s3fs s3fs) $(missing rclone rclone) $(missing fusermount3 fuse3)"
      [ -x /bin/busybox ] || packages="$packages busybox-static"
    fi
    # shellcheck disable=SC2086
    install $packages
    ;;
  *)
    echo "usage: setup.sh java|build|run|test|bench" >&2
    exit 2
    ;;
esac
