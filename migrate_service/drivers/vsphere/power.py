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


"""Power of a machine: read, shut down, cut, switch on; and who started it."""

import datetime

from pyVmomi import vim

from migrate_service.drivers import errors
from migrate_service.drivers.vsphere import machines
from migrate_service.drivers.vsphere import tasks

_STARTS = [
    'VmPoweredOnEvent',
    'DrsVmPoweredOnEvent',
    'VmStartingEvent',
    'VmResettingEvent',
]


def state(session, key):
    """Return ``on``, ``off`` or ``suspended``, read now."""
    with session.explained('reading the power state', key):
        values = session.properties(_vm(session, key), ['runtime.powerState'])
    if 'runtime.powerState' not in values:
        raise errors.MachineGone(machine=key)
    return machines.POWER[values['runtime.powerState']]


def shut_down_guest(session, key):
    """Ask the guest to shut down; False when its tools cannot do it."""
    with session.explained('shutting down the guest', key):
        try:
            _vm(session, key).ShutdownGuest()
        except (vim.fault.ToolsUnavailable, vim.fault.InvalidPowerState):
            return False
    return True


def power_off(session, key):
    """Cut the power, and return when the machine is off."""
    _switch(session, key, 'off', 'PowerOffVM_Task')


def power_on(session, key):
    """Switch the machine on, and return when it is on."""
    _switch(session, key, 'on', 'PowerOnVM_Task')


def moment(session):
    """Return the present time of the server, ISO 8601."""
    instance = vim.ServiceInstance('ServiceInstance', session.stub)
    with session.explained('reading the time'):
        return instance.CurrentTime().isoformat()


def started_since(session, key, since):
    """Return whether the events tell of a start after ``since``."""
    event = vim.event.EventFilterSpec
    spec = event(
        entity=event.ByEntity(
            entity=_vm(session, key), recursion=event.RecursionOption.self
        ),
        time=event.ByTime(beginTime=datetime.datetime.fromisoformat(since)),
        eventTypeId=_STARTS,
    )
    with session.explained('reading the events', key):
        return bool(session.content.eventManager.QueryEvents(spec))


def _switch(session, key, wanted, method):
    operation = f'powering {wanted}'
    with session.explained(operation, key):
        try:
            task = getattr(_vm(session, key), method)()
            tasks.wait(session, task, operation)
        except vim.fault.InvalidPowerState:
            pass
        except errors.SourceTimeout:
            if state(session, key) != wanted:
                raise
    actual = state(session, key)
    if actual != wanted:
        raise errors.SourceFault(
            fault='nothing', operation=operation, reason=f'it is {actual}'
        )


def _vm(session, key):
    return session.reference(vim.VirtualMachine, key)
