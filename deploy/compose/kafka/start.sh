#!/usr/bin/env bash
# Starts the broker numbered $BROKER; its folder is formatted at the first start only.
set -euo pipefail

here=$(dirname "$0")
properties=/tmp/server.properties
{
    cat "$here/server.properties"
    echo "node.id=$BROKER"
    echo "advertised.listeners=BROKER://kafka$BROKER:9092"
} > $properties
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id registry-cluster-00001 --config $properties
exec /opt/kafka/bin/kafka-server-start.sh $properties
