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

"""What workers report of their leases, as the database takes it."""

import base64


def decoded(report):
    """Return a report of a heartbeat for ``heartbeats.store``."""
    values, disks = {}, {}
    if report['kind'] == 'migration':
        values['progress'] = report['progress']
        if report['checkpoint'] is not None:
            values['checkpoint'] = report['checkpoint']
        disks = {
            disk: _chunks(chunks)
            for disk, chunks in report['manifest'].items()
            if chunks
        }
    return {
        'kind': report['kind'],
        'id': report['id'],
        'attempt': report['attempt'],
        'values': values,
        'disks': disks,
    }


def _chunks(chunks):
    return {
        int(number): base64.b64decode(hashes)
        for number, hashes in chunks.items()
    }
