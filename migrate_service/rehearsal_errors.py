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

"""Why a rehearsal, or a cutover without one, is refused."""

from migrate_service import exceptions


class RehearsalTooEarly(exceptions.Conflict):
    code = 'migration.rehearsal_too_early'
    template = 'The migration %(id)s has not completed its first round yet.'
    remedy = 'Wait until it is waiting, then ask for the rehearsal again.'


class RehearsalUnderway(exceptions.Conflict):
    code = 'migration.rehearsal_underway'
    template = 'The migration %(id)s is being rehearsed already.'
    remedy = 'Wait for the end of that rehearsal, then ask for another one.'


class RehearsalTooLate(exceptions.Conflict):
    code = 'migration.rehearsal_too_late'
    template = 'The cutover of the migration %(id)s is due.'
    remedy = 'Rehearse before the cutover is asked for or its time has come.'


class RehearsalNetworkInUse(exceptions.BadRequest):
    code = 'migration.rehearsal_network_in_use'
    template = (
        'rehearsal.network_id: the machine itself is to arrive on the '
        'network %(network)s.'
    )
    remedy = (
        'Leave the network out to have an isolated one made, or name one '
        'that nothing else needs: the rehearsed guest has the addresses of '
        'the machine that runs.'
    )


class RehearsalRequired(exceptions.Conflict):
    code = 'migration.rehearsal_required'
    template = (
        'The migration %(id)s demands a rehearsal that passed before its '
        'cutover, and none has.'
    )
    remedy = (
        'Rehearse it ("openstack migration rehearse"), then ask for the '
        'cutover again.'
    )
