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


"""Which of the privileges that migrations need are missing.

Guest operations are not looked at: only preparations need them, and say so
themselves.
"""

from pyVmomi import vim

from migrate_service.concerns import reach

MACHINE = (
    'VirtualMachine.Interact.PowerOff',
    'VirtualMachine.Interact.PowerOn',
    *reach.WARM_PRIVILEGES,
)
DATASTORE = ('Datastore.Browse', 'Datastore.FileManagement')
#: Objects looked at; roles are given on folders, not one by one.
SAMPLE = 20


def missing(session):
    """Return the missing privileges, sorted.

    They are looked up on visible machines and datastores, because an
    account may rightly have none on the root folder.
    """
    absent = set()
    for kind, privileges in (
        (vim.VirtualMachine, MACHINE),
        (vim.Datastore, DATASTORE),
    ):
        entities = _some(session, kind) or [session.content.rootFolder]
        absent |= _lacking(session, entities, privileges)
    return sorted(absent)


def _some(session, kind):
    pages = session.collect({kind: ['name']}, page=SAMPLE)
    found = []
    for reference, _values in pages:
        found.append(reference)
        if len(found) == SAMPLE:
            pages.close()
            break
    return found


def _lacking(session, entities, privileges):
    current = session.properties(
        session.content.sessionManager, ['currentSession']
    )['currentSession']
    answer = session.content.authorizationManager.HasPrivilegeOnEntities(
        entities, current.key, list(privileges)
    )
    return {
        held.privId
        for entity in answer
        for held in entity.privAvailability
        if not held.isGranted
    }
