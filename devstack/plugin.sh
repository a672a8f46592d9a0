#!/bin/bash
#
# plugin.sh - DevStack calls this in each phase; lib/migrate does the work.
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

# Save trace setting
_XTRACE_MIGRATE_PLUGIN=$(set +o | grep xtrace)
set +o xtrace

source $MIGRATE_DIR/devstack/lib/migrate

if is_service_enabled migrate; then
    if [[ "$1" == "stack" && "$2" == "install" ]]; then
        echo_summary "Installing Migrate"
        install_migrate
    elif [[ "$1" == "stack" && "$2" == "post-config" ]]; then
        echo_summary "Configuring Migrate"
        configure_migrate
        create_migrate_accounts
    elif [[ "$1" == "stack" && "$2" == "extra" ]]; then
        echo_summary "Initializing Migrate"
        init_migrate
        start_migrate
        register_migrate_simulated_source
    elif [[ "$1" == "stack" && "$2" == "test-config" ]]; then
        echo_summary "Configuring tempest for Migrate"
        configure_migrate_tempest
    fi

    if [[ "$1" == "unstack" ]]; then
        echo_summary "Stopping Migrate"
        stop_migrate
        delete_migrate_accounts
    fi

    if [[ "$1" == "clean" ]]; then
        echo_summary "Cleaning Migrate"
        cleanup_migrate
    fi
fi

# Restore xtrace
$_XTRACE_MIGRATE_PLUGIN
