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

"""Why a grant, or what it would allow, is refused."""

from migrate_service import exceptions


class GrantInUse(exceptions.Conflict):
    code = 'grant.in_use'
    template = (
        'The project %(project)s moves machines of the source: %(count)s '
        'migrations have not ended.'
    )
    remedy = (
        'Wait until they have ended, or delete the grant with force: they '
        'then go on, and new ones are refused.'
    )


class NotShown(exceptions.Forbidden):
    code = 'grant.not_shown'
    template = (
        'The source is shared with this project by a grant, which does not '
        'show %(what)s: they name the infrastructure.'
    )
    remedy = 'Ask an operator of the source.'


class MachineTaken(exceptions.Conflict):
    code = 'grant.machine_taken'
    template = 'The machine %(machine)s is being moved by another project.'
    remedy = 'Ask an operator of the source which project has it.'
