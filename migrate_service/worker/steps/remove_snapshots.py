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


"""Rollback: remove our snapshots, and track changes as it was before."""

from migrate_service.drivers import errors


def run(work):
    """Undo what the ledger tells of on the machine of the source."""
    left = [
        entry
        for kind in ('snapshot', 'tracking')
        for entry in work.ledger.left(kind)
    ]
    if not left:
        return
    with work.open_source() as source:
        for entry in left:
            work.check()
            try:
                _undo(work, source, entry)
            except errors.MachineGone as error:
                work.warnings.append(f'{error} It has no snapshots of ours.')
            work.ledger.removed(entry['kind'], entry['key'])


def _undo(work, source, entry):
    if entry['kind'] == 'snapshot':
        source.remove_snapshot(work.machine_id, work.id)
    elif not entry['details'].get('previous'):
        source.set_tracking(work.machine_id, False)
