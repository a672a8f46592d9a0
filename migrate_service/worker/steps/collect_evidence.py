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


"""Rehearsal: keep what can be told of it, before it is removed."""

from migrate_service.worker.steps import console
from migrate_service.worker.steps import rehearsal

#: Lines that are asked for, and letters of ASCII that are kept.
LINES = 2000
SIZE = 64 * 1024


def run(work):
    """Store the end of the console, the results of probes, the times."""
    state = rehearsal.state_of(work)
    evidence = {
        'result': state['result'],
        'timings': rehearsal.timings_of(work),
    }
    server_id = state.get('server_id')
    if server_id:
        with work.open_destination() as destination:
            text = destination.console(server_id, LINES)
        evidence['console'] = console.tail(text, LINES, SIZE)
    work.keep_evidence(**evidence)
