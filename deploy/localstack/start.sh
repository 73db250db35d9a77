#!/bin/sh
# Runs LocalStack in the foreground, without containers, until Ctrl-C: EC2, S3, STS and IAM on 127.0.0.1.
#   start.sh [PORT]      4566 if left out
#   start.sh install     only installs it
# The first run makes a Python environment (about 520 MB) in BERTH_LOCALSTACK_HOME, ~/.cache/berth/localstack if unset.
# 4.13.1 is the last version that needs no licence token; newer releases of the four pinned packages break it.
# flask is what moto_server, which comes with it, needs besides.
set -eu
port=${1:-4566}
home=${BERTH_LOCALSTACK_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/berth/localstack}
version=4.13.1

python=$(command -v python3.11 || command -v python3) || {
  echo "localstack: there is no python3; install the packages python3 and python3-venv" >&2
  exit 1
}
mkdir -p "$(dirname "$home")"
(
  flock 9 # somebody else may be installing it
  if [ "$(cat "$home/berth-version" 2>/dev/null)" != "$version with moto_server" ]; then
    echo "localstack: installing $version into $home" >&2
    rm -rf "$home"
    "$python" -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check "localstack-core[runtime]==$version" \
      'cbor2<5.8' 'pyOpenSSL<24.3' 'cryptography<44' 'service_identity<25' h2 priority flask flask-cors
    echo "$version with moto_server" > "$home/berth-version"
  fi
) 9>"$home.lock"

[ "$port" != install ] || exit 0

# A first import that failed is remembered there for ever.
export XDG_CACHE_HOME="$home/cache"
export GATEWAY_LISTEN="127.0.0.1:$port" LOCALSTACK_HOST="127.0.0.1:$port" SERVICES=ec2,s3,sts,iam
export DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 FILESYSTEM_ROOT="${BERTH_LOCALSTACK_STATE:-$home/state}"
exec "$home/bin/python" -m localstack.runtime.main
