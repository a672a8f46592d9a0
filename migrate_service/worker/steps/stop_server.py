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


"""Rollback: stop and delete the server, so that two never run at once."""

from migrate_service.worker.steps import remove_created


def run(work):
    """Stop the server if there is one, and delete it."""
    entries = remove_created.left(work, 'server')
    if not entries:
        return
    with work.open_destination() as destination:
        for entry in entries:
            if entry['resource_id']:
                destination.stop_server(entry['resource_id'])
            remove_created.remove(work, destination, entry)
