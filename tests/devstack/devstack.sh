#!/bin/bash
#
# A small stand-in for stack.sh, unstack.sh and clean.sh of DevStack: what
# they do for one plugin, in their order.
#
#   devstack.sh <localrc> stack|unstack|clean
#
# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

TOP_DIR=$(cd $(dirname "$0") && pwd)

source $TOP_DIR/functions.sh
set -a
source $1
set +a
source $MIGRATE_DIR/devstack/settings

if [[ "$2" == "stack" ]]; then
    # As stack.sh has it.
    set -o errexit
    export OS_CLOUD=devstack-admin
    mkdir -p $SERVICE_DIR
    for phase in pre-install install post-config extra test-config; do
        source $MIGRATE_DIR/devstack/plugin.sh stack $phase
    done
else
    source $MIGRATE_DIR/devstack/plugin.sh $2
fi
