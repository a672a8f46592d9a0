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


"""Stop the source machine; remember how it was, to go back."""

import time

from migrate_service.drivers import errors
from migrate_service.worker.steps import adaptation
from migrate_service.worker.steps import ends

#: Seconds that the guest has to shut down.
SHUTDOWN_TIMEOUT = 300
#: Seconds between two looks at the power state.
INTERVAL = 1.0


def run(work):
    """Shut the guest down, cut the power if it must be, verify it is off."""
    key = work.machine_id
    work.checkpoint['stopping_at'] = time.time()
    with work.open_source() as source:
        _refresh(work, source)
        state = source.power_state(key)
        _remember(work, key, state)
        if state == 'suspended':
            raise errors.MachineSuspended(machine=work.name)
        if state == 'on':
            _stop(work, source, key)
        state = source.power_state(key)
        if state != 'off':
            raise errors.MachineStillRunning(machine=work.name, state=state)
        work.ledger.present('power', key, key)
        work.checkpoint.setdefault('stopped_at', source.moment())
        _refresh(work, source)


def _refresh(work, source):
    """Store where the disks are now; a warm migration follows changes."""
    machine = source.machine(work.machine_id)
    if 'warm' in work.checkpoint:
        adaptation.follow(work, machine)
    else:
        ends.refresh(work, machine)


def _remember(work, key, state):
    """Write how the machine was, once: later attempts find it off."""
    known = work.ledger.left('power')
    if not known:
        work.ledger.intend('power', key, previous=state)
    previous = known[0]['details']['previous'] if known else state
    work.checkpoint['source_power'] = previous


def _stop(work, source, key):
    timeout = work.options.get('shutdown_timeout')
    timeout = SHUTDOWN_TIMEOUT if timeout is None else timeout
    if timeout and source.shut_down_guest(key):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if source.power_state(key) == 'off':
                return
            work.sleep(INTERVAL)
        work.warnings.append(
            f'The guest did not shut down within {timeout} seconds: its '
            f'power was cut.'
        )
    else:
        work.warnings.append(
            'The guest could not be asked to shut down (VMware Tools do not '
            'run): its power was cut.'
        )
    work.check()
    source.power_off(key)
