#!/bin/bash
#
# A small stand-in for the functions of DevStack that the plugin calls. Names,
# arguments and what can be seen of them afterwards are those of DevStack's
# functions, functions-common, inc/ini-config, inc/python, lib/apache,
# lib/database, lib/keystone and lib/rpc_backend; tests/devstack/published.py
# lists them. A process is a child of init with a pid file instead of a unit
# of systemd, and Apache runs with a configuration of its own.
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

if ! type sudo >/dev/null 2>&1; then
    function sudo {
        "$@"
    }
fi

# Control
# -------

function echo_summary {
    echo "=== $(date +%T) $*"
}

function die {
    echo "[ERROR] ${BASH_SOURCE[1]}:$1 ${*:2}" >&2
    exit 1
}

# trueorfalse <True|False> <VAR>
function trueorfalse {
    case "${!2}" in
        1 | yes | Yes | YES | true | True | TRUE) echo "True" ;;
        0 | no | No | NO | false | False | FALSE) echo "False" ;;
        *) echo "$1" ;;
    esac
}

# test_with_retry <command> <message> [until] [sleep]
function test_with_retry {
    timeout "${3:-10}" sh -c "while ! $1; do sleep ${4:-0.5}; done" ||
        die $LINENO "$2"
}

# wait_for_service <timeout> <url>: as long as the proxy answers 503
function wait_for_service {
    timeout "$1" sh -c "while [ \$(curl -g -k --noproxy '*' -s -o /dev/null \
        -w '%{http_code}' $2) = 503 ]; do sleep 0.2; done"
}

# Services
# --------

function define_plugin {
    :
}

function enable_service {
    local service
    for service in "$@"; do
        if [[ ,${DISABLED_SERVICES}, =~ ,${service}, ]]; then
            continue
        fi
        is_service_enabled "$service" || ENABLED_SERVICES+=",$service"
    done
}

function is_service_enabled {
    local service
    for service in "$@"; do
        [[ ,${ENABLED_SERVICES}, =~ ,${service}, ]] && return 0
        if type "is_${service}_enabled" >/dev/null 2>&1; then
            "is_${service}_enabled" && return 0
        fi
    done
    return 1
}

# run_process <service> <command> [group] [user]
function run_process {
    is_service_enabled "$1" || return 0
    [[ "$2" =~ ^/ ]] || die $LINENO "$1: not an absolute path: $2"
    [[ ! "$2" =~ sudo ]] || die $LINENO "$1: sudo under systemd: $2"
    [[ "${4:-root}" == root ]] || die $LINENO "only root here, not $4"
    mkdir -p $SERVICE_DIR
    # The shell that was asked to split the command is gone after exec.
    setsid bash -c "exec $2" >>$SERVICE_DIR/$1.log 2>&1 </dev/null &
    echo $! >$SERVICE_DIR/$1.pid
}

# stop_process <service>: the process, and what is left of its session
function stop_process {
    local pid
    is_service_enabled "$1" && [[ -f $SERVICE_DIR/$1.pid ]] || return 0
    pid=$(<$SERVICE_DIR/$1.pid)
    kill -TERM $pid 2>/dev/null
    timeout 60 sh -c "while [ -n \"\$(ps -o pid= -s $pid)\" ]; do sleep 0.1; done" ||
        die $LINENO "$1 does not end"
    rm $SERVICE_DIR/$1.pid
}

# Packages and Python
# -------------------

# install_bindep <file> [profile,profile]
function install_bindep {
    [[ -f $1 ]] || die $LINENO "no bindep file $1"
    echo "$*" >>$SERVICE_DIR/bindep
}

# setup_develop [-bindep[=profiles]] <directory> [extras]: the environment of
# the tests has it installed; that the extras exist is checked.
function setup_develop {
    $PYTHON - "$@" <<'PYTHON' || die $LINENO "setup_develop $*"
import pathlib, sys, tomllib
project = tomllib.loads(pathlib.Path(sys.argv[1], 'pyproject.toml').read_text())
extras = [name for name in ''.join(sys.argv[2:]).split(',') if name]
sys.exit(not set(extras) <= set(project['project']['optional-dependencies']))
PYTHON
}

function get_python_exec_prefix {
    dirname $PYTHON
}

# Configuration
# -------------

# iniset [-sudo] <file> <section> <option> <value>
function iniset {
    [[ "$1" == -sudo ]] && shift
    local text
    touch "$1"
    grep -q "^\[$2\]" "$1" || printf '\n[%s]\n' "$2" >>"$1"
    text=$(section="[$2]" option=$3 value=$4 awk '
        $0 == ENVIRON["section"] {
            print; print ENVIRON["option"] " = " ENVIRON["value"]
            inside = 1; next
        }
        /^\[/ { inside = 0 }
        inside && $1 == ENVIRON["option"] && $2 == "=" { next }
        { print }' "$1")
    echo "$text" >"$1"
}

# setup_logging <file> [other options that are of no use here]
function setup_logging {
    iniset "$1" DEFAULT use_journal False
}

# iniset_rpc_backend <package> <file> [section] [virtual host]
function iniset_rpc_backend {
    iniset "$2" "${3:-DEFAULT}" transport_url "$RABBIT_URL"
}

function database_connection_url {
    echo "mysql+pymysql://$DATABASE_USER:$DATABASE_PASSWORD@$DATABASE_HOST:$DATABASE_PORT/$1?charset=utf8mb4"
}

function recreate_database {
    MYSQL_PWD=$DATABASE_PASSWORD mariadb --no-defaults -h $DATABASE_HOST \
        -P $DATABASE_PORT -u $DATABASE_USER \
        -e "DROP DATABASE IF EXISTS $1; CREATE DATABASE $1 CHARACTER SET utf8mb4"
}

# Keystone
# --------

# configure_keystone_authtoken_middleware <file> <user> [section]
function configure_keystone_authtoken_middleware {
    local section=${3:-keystone_authtoken}
    iniset "$1" $section auth_type password
    iniset "$1" $section interface public
    iniset "$1" $section auth_url "$KEYSTONE_SERVICE_URI"
    iniset "$1" $section username "$2"
    iniset "$1" $section password "$SERVICE_PASSWORD"
    iniset "$1" $section user_domain_name "$SERVICE_DOMAIN_NAME"
    iniset "$1" $section project_name "$SERVICE_PROJECT_NAME"
    iniset "$1" $section project_domain_name "$SERVICE_DOMAIN_NAME"
}

# create_service_user <name> [role]
function create_service_user {
    openstack user create "$1" --domain "$SERVICE_DOMAIN_NAME" --or-show \
        --password "$SERVICE_PASSWORD" -f value -c id
    get_or_add_user_project_role service "$1" "$SERVICE_PROJECT_NAME"
    if [[ -n "$2" ]]; then
        get_or_add_user_project_role "$2" "$1" "$SERVICE_PROJECT_NAME"
    fi
}

# get_or_add_user_project_role <role> <user> <project> [domain] [domain]
function get_or_add_user_project_role {
    openstack role add "$1" --user "$2" --project "$3" \
        ${4:+--user-domain "$4"} ${5:+--project-domain "$5"}
}

# get_or_create_service <name> <type> <description>
function get_or_create_service {
    openstack service show "$2" -f value -c id 2>/dev/null ||
        openstack service create "$2" --name "$1" --description="$3" \
            -f value -c id
}

# get_or_create_endpoint <service> <region> <public> [admin] [internal]
function get_or_create_endpoint {
    local interface
    for interface in public admin internal; do
        if [[ -n "$3" ]]; then
            openstack endpoint create "$1" $interface "$3" --region "$2" \
                -f value -c id
        fi
        # The URL of the next interface takes the place of this one.
        set -- "$1" "$2" "${@:4}"
    done
}

# Apache
# ------

function apache_site_config_for {
    echo $APACHE_CONF_DIR/$1.conf
}

function restart_apache_server {
    local pid=$APACHE_CONF_DIR/../apache.pid
    if [[ -f $pid ]]; then
        apache2 -f $APACHE_CONF_DIR/../apache.conf -k graceful
    else
        apache2 -f $APACHE_CONF_DIR/../apache.conf -k start
    fi
}

# write_uwsgi_config <file> <module:variable> <url> [http] [name]
function write_uwsgi_config {
    local socket=$APACHE_CONF_DIR/../$5.socket
    [[ -z "$4" ]] || die $LINENO "only behind Apache here"
    rm -f "$1"
    iniset "$1" uwsgi module "$2"
    iniset "$1" uwsgi processes $API_WORKERS
    iniset "$1" uwsgi master true
    iniset "$1" uwsgi die-on-term true
    iniset "$1" uwsgi exit-on-reload false
    iniset "$1" uwsgi enable-threads true
    iniset "$1" uwsgi thunder-lock true
    iniset "$1" uwsgi buffer-size 65535
    iniset "$1" uwsgi add-header "Connection: close"
    iniset "$1" uwsgi lazy-apps true
    iniset "$1" uwsgi start-time %t
    iniset "$1" uwsgi socket "$socket"
    iniset "$1" uwsgi chmod-socket 666
    echo "ProxyPass \"$3\" \"unix:$socket|uwsgi://uwsgi-uds-$5\" retry=0 acquire=1 " \
        >$(apache_site_config_for $5)
    restart_apache_server
}

# remove_uwsgi_config <file> <name>
function remove_uwsgi_config {
    rm -f "$1"
}
