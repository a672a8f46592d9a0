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


"""Rehearsal: boot a server from the clones, while the source goes on."""

from migrate_service.worker.steps import create_server
from migrate_service.worker.steps import rehearsal


def run(work):
    """Ensure the server on the isolated ports; return when it is active."""
    state = rehearsal.state_of(work)
    key = f'{rehearsal.PREFIX}server'
    request = create_server.request_of(
        work, state['volumes'], state['ports'], rehearsal.name_of(work)
    )
    with work.open_destination() as destination:
        work.ledger.intend('server', key, name=request.name)
        server = destination.ensure_server(request, rehearsal.owner(work))
        work.ledger.present('server', key, server['id'])
        state['server_id'] = server['id']
        create_server.wait(work, destination, server['id'])
