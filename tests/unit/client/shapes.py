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


"""Bodies as the service sends them."""

GIB = 1024**3


def error(message, remedy=None, code='migration.conflict'):
    """Return the body of an error."""
    entry = {'code': code, 'detail': message, 'request_id': 'req-1'}
    if remedy:
        entry['remedy'] = remedy
    return {'message': message, 'errors': [entry]}


def source(**values):
    """Return a source, verified and read."""
    return {
        'id': 's1',
        'name': 'vc',
        'description': None,
        'driver': 'vsphere',
        'address': 'vc.test',
        'port': 443,
        'username': 'reader',
        'ca': None,
        'fingerprint': None,
        'status': 'ready',
        'error': None,
        'product': {'version': '8.0.3'},
        'refresh_requested_at': None,
        'inventory_at': '2026-11-01T10:00:00Z',
        'project_id': 'tenant-a',
        'created_at': '2026-11-01T09:00:00Z',
        'updated_at': None,
    } | values


def machine(**values):
    """Return a machine with one disk and one NIC."""
    return {
        'id': 'vm-1',
        'name': 'web',
        'power_state': 'on',
        'guest_family': 'linux',
        'guest_name': 'Debian GNU/Linux 12 (64-bit)',
        'cpus': 2,
        'memory_mib': 2048,
        'tags': ['prod'],
        'disks': [
            {
                'key': '2000',
                'label': 'Hard disk 1',
                'size': 3 * GIB,
                'datastore': 'datastore-1',
            }
        ],
        'nics': [{'key': '4000', 'label': 'NIC 1', 'network': 'net-1'}],
    } | values


def migration(**values):
    """Return a migration that copies its one disk."""
    return {
        'id': 'm1',
        'name': 'web',
        'kind': 'cold',
        'status': 'running',
        'step': 'copy_disks',
        'source_id': 's1',
        'machine_id': 'vm-1',
        'machine_name': 'web',
        'project_id': 'tenant-a',
        'progress': progress(),
        'error': None,
        'warnings': [],
        'result': {},
        'attempt': 1,
        'cancel_requested_at': None,
        'retry_requested_at': None,
        'sync_requested_at': None,
        'prepare_requested_at': None,
        'cutover_at': None,
        'accept_at': None,
        'rollback_requested_at': None,
        'created_at': '2026-11-01T10:00:00Z',
    } | values


def progress(copied=GIB):
    """Return a progress with 3 GiB to copy at 128 MiB a second."""
    rate = 128 * 1024**2
    return {
        'percent': copied * 100 / (3 * GIB),
        'bytes_copied': copied,
        'bytes_total': 3 * GIB,
        'rate': rate,
        'seconds_left': (3 * GIB - copied) // rate,
        'disks': [
            {
                'key': '2000',
                'label': 'Hard disk 1',
                'size': 3 * GIB,
                'copied': copied,
                'rate': rate,
            }
        ],
    }


def event(number, status, step=None, **values):
    """Return the event with this number."""
    return {
        'id': str(number),
        'event': 'done',
        'status': status,
        'step': step,
        'attempt': 1,
        'message': None,
        'created_at': f'2026-11-01T10:00:{number:02}Z',
    } | values
