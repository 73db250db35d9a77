#!/bin/sh
# Makes the EC2 instance that Berth claims to be, in an emulated cloud, and prints Berth's settings for it:
#   eval "$(deploy/localstack/instance.sh [ENDPOINT])"      http://127.0.0.1:4566 if left out
# Waits up to a minute for the endpoint. LocalStack and moto check no signature, only that there is one.
set -eu
endpoint=${1:-http://127.0.0.1:4566}
region=us-east-1

ec2() {
  curl --silent --show-error --fail-with-body --max-time 30 "$endpoint/" \
    --header "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/$region/ec2/aws4_request, SignedHeaders=host, Signature=0" \
    --header 'X-Amz-Date: 20260101T000000Z' --data "Version=2016-11-15&$1"
}
# first TAG: the text of the first element of this name
first() { tr -d '\n' | sed -n "s|.*<$1>\([^<]*\)</$1>.*|\1|p" | head -n 1; }

tries=0
until image=$(ec2 Action=DescribeImages 2>/dev/null | sed 's|</imageId>.*||' | tr -d '\n' | sed 's|.*<imageId>||') && [ -n "$image" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { echo "instance: nothing answers at $endpoint; is deploy/localstack/start.sh running?" >&2; exit 1; }
  sleep 1
done
answer=$(ec2 "Action=RunInstances&ImageId=$image&InstanceType=m5.large&MinCount=1&MaxCount=1")
instance=$(printf '%s' "$answer" | first instanceId)
zone=$(printf '%s' "$answer" | first availabilityZone)
[ -n "$instance" ] && [ -n "$zone" ] || { echo "instance: $endpoint made none: $answer" >&2; exit 1; }

cat <<END
export BERTH_HOST_ID=$instance BERTH_EBS_ENDPOINT=$endpoint BERTH_EBS_DEVICES=loopback
export BERTH_EBS_REGION=$region BERTH_EBS_AVAILABILITY_ZONE=$zone
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
END
