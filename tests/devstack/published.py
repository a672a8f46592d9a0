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
"""DevStack's functions that the plugin calls, as DevStack documents them.

Read in July 2026 in openstack/devstack: ``functions``, ``functions-common``,
``inc/ini-config``, ``inc/python``, ``lib/apache``, ``lib/database``,
``lib/keystone`` and ``lib/rpc_backend``. A value is the usage in the comment
above the function: what is in angle brackets must be given, what is in square
brackets may be.
"""

FUNCTIONS = {
    'apache_site_config_for': '<site>',
    'configure_keystone_authtoken_middleware': (
        '<conf_file> <admin_user> [section] [service_type]'
    ),
    'create_service_user': '<name> [role]',
    'database_connection_url': '<db>',
    'define_plugin': '<name>',
    'die': '<line> <message>',
    'echo_summary': '<message>',
    'enable_service': '<service> ...',
    'get_or_add_user_project_role': (
        '<role> <user> <project> [user_domain] [project_domain]'
    ),
    'get_or_create_endpoint': '<service> <region> <public> [admin] [internal]',
    'get_or_create_service': '<name> <type> <description>',
    'get_python_exec_prefix': '',
    'iniset': '<file> <section> <option> <value>',
    'iniset_rpc_backend': '<package> <file> [section] [virtual_host]',
    'install_bindep': '<file> [profiles]',
    'is_service_enabled': '<service> ...',
    'recreate_database': '<db>',
    'remove_uwsgi_config': '<conf> <name>',
    'restart_apache_server': '',
    'run_process': '<service> <command> [group] [user]',
    'setup_develop': '<directory> [extras]',
    'setup_logging': '<conf_file>',
    'stop_process': '<service>',
    'test_with_retry': '<command> <message> [until] [sleep]',
    'trueorfalse': '<default> <variable>',
    'wait_for_service': '<timeout> <url>',
    'write_uwsgi_config': '<conf> <module> <url> [http] [name]',
}


def numbers(usage):
    """Return the least and the largest number of arguments of a usage."""
    least = usage.count('<')
    if usage.endswith('...'):
        return least, float('inf')
    return least, least + usage.count('[')
