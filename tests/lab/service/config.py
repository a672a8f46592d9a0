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
"""The configuration files of Migrate in the lab, one a process."""

from tests.lab import settings
from tests.lab.cloud import ovn
from tests.lab.vcenter import vddk_library

FOLDER = settings.LAB / 'service'
ETC = FOLDER / 'etc'
KEYS = ETC / 'secret-keys'
#: Where a scenario asks a node to stop at a door, see ``node``.
DOORS = FOLDER / 'doors'
#: From where the nodes ping; a scenario makes it.
PROBE_NAMESPACE = 'migrate-lab-probe'

COMMON = """\
[DEFAULT]
transport_url = {rabbit}
log_file = {log}/migrate-{process}.log
use_stderr = false
debug = true

[database]
connection = {database}

[secrets]
key_directory = {keys}

[service_auth]
auth_type = password
auth_url = {auth_url}
username = {user}
password = {password}
user_domain_name = Default
project_domain_name = Default
project_name = service

[oslo_messaging_rabbit]
heartbeat_timeout_threshold = 0
"""

API = """
[keystone_authtoken]
auth_type = password
auth_url = {auth_url}
www_authenticate_uri = {auth_url}
username = {user}
password = {password}
user_domain_name = Default
project_domain_name = Default
project_name = service
service_token_roles = service
service_token_roles_required = true

[api]
response_validation = error
"""

CONDUCTOR = """
[conductor]
workers = 1
lease_ttl = 30
tick_interval = 2
retry_delay = 2
"""

NODE = """
[worker]
name = {process}
slots = 4
heartbeat_interval = 0.5
workdir = {folder}/work-{process}
probe_namespace = {probe_namespace}
probe_plugging = ovn
probe_ovsdb_connection = {switch}

[conductor]
lease_ttl = 30

[vsphere]
allowed_networks = 127.0.0.0/8
datastore_mounts = {mounts}
vddk_libdir = {vddk_libdir}
vddk_plugin = {vddk_plugin}

[openstack]
region = {region}
interface = public
my_ip = 127.0.0.1
poll_interval = 0.5

[privsep_osbrick]
helper_command = {venv}/bin/privsep-helper --config-file {path}
"""


def path(process):
    """Return the path of the configuration file of a process."""
    return ETC / f'migrate-{process}.conf'


def write(processes):
    """Write the files of ``processes``: api, conductor or a node's name."""
    for folder in (ETC, KEYS, DOORS):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for process in processes:
        text = COMMON + {'api': API, 'conductor': CONDUCTOR}.get(process, NODE)
        path(process).touch(mode=0o600)
        path(process).write_text(text.format_map(_values(process)))


def _values(process):
    return {
        'auth_url': settings.AUTH_URL,
        'database': settings.MIGRATE_MYSQL_URL,
        'folder': FOLDER,
        'keys': KEYS,
        'log': settings.LOG,
        'mounts': ','.join(
            f'{settings.HOST}/{folder.name}:{folder}'
            for folder in sorted(settings.LAB.glob('vcenter/datastores/*'))
        ),
        'password': settings.PASSWORD,
        'path': path(process),
        'probe_namespace': PROBE_NAMESPACE,
        'process': process,
        'rabbit': settings.MIGRATE_RABBIT_URL,
        'region': settings.REGION,
        'switch': ovn.SWITCH,
        'user': settings.SERVICE_USER,
        'vddk_libdir': vddk_library.LIBDIR,
        'vddk_plugin': vddk_library.PLUGIN,
        'venv': settings.VENV,
    }
