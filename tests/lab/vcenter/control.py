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

"""What tests do to the simulated vCenter that no client of vSphere could."""

import base64
import hashlib
import http.client
import json
import ssl

from tests.lab import settings

PORT = 16443
URL = f'https://{settings.HOST}:{PORT}/sdk'
USERNAME = 'migrate@vsphere.local'
#: What ``tests.lab.settings`` says, where it says something.
PASSWORD = settings.VCENTER_PASSWORD
CA = settings.LAB / 'vcenter' / 'ca.pem'


class Refused(Exception):
    """The simulator would not do it; the message says why."""


def pattern(seed, length):
    """Return the bytes that ``Vcenter.write`` puts on a disk."""
    text = str(seed).encode()
    blocks = (
        hashlib.sha256(text + i.to_bytes(8, 'big')).digest()
        for i in range((length + 31) // 32)
    )
    return b''.join(blocks)[:length]


class Vcenter:
    """The simulator's side door; one connection for each call."""

    def vms(self):
        """Return the state of the machines with content, by name.

        Each has ``ref``, ``power_state``, ``tools``, ``snapshots`` (list of
        name, ref, description), ``change_tracking``,
        ``tracking_effective``, ``consolidation_needed``, ``writer`` and
        ``disks``: key, ``name`` (datastore path), ``file`` (where the live
        content lies), ``capacity`` and ``scratch`` (offset and length of a
        region that the guest never uses) in bytes.
        """
        return {vm['name']: vm for vm in self._call('GET', 'vms')}

    def disk_files(self, vm):
        """Return the files with the live content of a machine's disks."""
        return [disk['file'] for disk in self.vms()[vm]['disks']]

    def knobs(self, **values):
        """Set these knobs and no others; without any, all is normal.

        Their names and meaning: ``simvc/knobs.go``. Injected faults are
        forgotten too.
        """
        self._call('POST', 'knobs/reset', {})
        return self._call('POST', 'knobs', values)

    def fault(self, method, fault, **values):
        """Make calls of a method fail with a fault of the API.

        :param values: ``type`` and ``object`` (name) narrow it; ``count``
            (0: all) and ``skip`` number the calls; ``message``.
        """
        values |= {'method': method, 'fault': fault}
        self._call('POST', 'fault', values)

    def write(self, vm, disk, offset, length, seed=0, zero=False):
        """Change a running machine's disk; Refused when it is off."""
        self._call(
            'POST',
            'write',
            {
                'vm': vm,
                'disk': disk,
                'offset': offset,
                'length': length,
                'seed': seed,
                'zero': zero,
            },
        )

    def writer(self, vm, disk=0, rate=0, offset=None, length=None, **values):
        """Dirty random blocks of a region, ``rate`` bytes a second.

        The region is the disk's scratch one by default; rate 0 stops.
        """
        if offset is None:
            offset, length = self.vms()[vm]['disks'][disk]['scratch']
        values |= {'vm': vm, 'disk': disk, 'rate': rate}
        return self._call(
            'POST', 'writer', values | {'offset': offset, 'length': length}
        )

    def reset(self, vm):
        """Bring a machine back to how the inventory describes it."""
        return self._call('POST', 'reset', {'vm': vm})

    def set_tools(self, vm, tools):
        """Say what VMware Tools do: 'running', 'stopped' or 'none'."""
        return self._call('POST', 'tools', {'vm': vm, 'tools': tools})

    def move(self, vm, datastore, reset_cbt=False):
        """Move a machine's disks to another datastore."""
        query = {'vm': vm, 'datastore': datastore, 'reset_cbt': reset_cbt}
        return self._call('POST', 'move', query)

    def reset_tracking(self, vm):
        """Make every change id handed out so far useless."""
        return self._call('POST', 'cbt', {'vm': vm})

    def extend(self, vm, disk, capacity):
        """Grow a disk to ``capacity`` bytes."""
        query = {'vm': vm, 'disk': disk, 'capacity': capacity}
        return self._call('POST', 'extend', query)

    def stats(self):
        """Return bytes and requests served by file, calls, sessions."""
        return self._call('GET', 'stats')

    def reset_stats(self):
        """Count from zero."""
        self._call('POST', 'stats/reset', {})

    def bytes_served(self, vm):
        """Return how many bytes of a machine's disks went out."""
        stems = [
            disk['name'].removesuffix('.vmdk')
            for disk in self.vms()[vm]['disks']
        ]
        names = {f'{stem}-flat.vmdk' for stem in stems}
        return sum(
            file['bytes']
            for name, file in (self.stats()['files'] or {}).items()
            if name in names
        )

    def _call(self, method, path, query=None):
        connection = http.client.HTTPSConnection(
            settings.HOST,
            PORT,
            timeout=300,
            context=ssl.create_default_context(cafile=str(CA)),
        )
        token = base64.b64encode(f'{USERNAME}:{PASSWORD}'.encode()).decode()
        body = None if query is None else json.dumps(query)
        try:
            connection.request(
                method,
                f'/sim/{path}',
                body,
                {'Authorization': f'Basic {token}'},
            )
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise Refused(f'{path}: {response.status} {text.decode()}')
        return json.loads(text)
