#!/bin/sh
# Runs a command in a mount namespace of its own, with plugin directories of its own: a Docker engine of this host then
# never finds the plugins of a test, nor a test those of the host, and mounts end with the command however it ends.
# The clients that BERTH_TEST_S3FS and BERTH_TEST_RCLONE name are there in the place of those that are installed.
# Without root the command runs as it is; the tests that need root say that they are skipped.
set -eu
if [ "$(id -u)" != 0 ]; then exec "$@"; fi
# shellcheck disable=SC2016
exec unshare --mount --propagation private sh -c '
  for plugins in /run/docker/plugins /etc/docker/plugins; do
    mkdir -p "$plugins"
    mount -t tmpfs -o mode=0755 berth-tests "$plugins"
  done
  for variable in BERTH_TEST_S3FS=s3fs BERTH_TEST_RCLONE=rclone; do
    eval "program=\${${variable%=*}:-}"
    if [ -n "$program" ]; then mount --bind "$program" "$(command -v "${variable#*=}")"; fi
  done
  exec "$@"' isolated "$@"
