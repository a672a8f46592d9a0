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


"""Bring the source machine back to the power state it had.

Its NICs were left alone: vSphere connects them as it did at each start before.
The server, which has the same addresses, is gone by now.
"""

from migrate_service.drivers import errors
from migrate_service.worker.steps import ends


def run(work):
    """Switch the machine on again if it was on before."""
    for entry in work.ledger.left('power'):
        if entry['details'].get('previous') == 'on':
            _power_on(work, entry['key'])
        work.ledger.removed('power', entry['key'])


def _power_on(work, key):
    with work.open_source() as source:
        try:
            if source.machine(key).uuid != ends.machine_of(work).uuid:
                work.warnings.append(
                    f'The source has another machine {key} now: it was not '
                    f'started.'
                )
            elif source.power_state(key) != 'on':
                source.power_on(key)
        except errors.MachineGone as error:
            work.warnings.append(f'{error} It was not started again.')
