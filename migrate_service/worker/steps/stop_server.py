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


"""Delete the server, so that two machines never run at once.

Nova cuts its power in doing so: a guest that ignores the power button would
only delay the source's return. One that a user takes back, who may have
worked with it, is asked to shut down first.
"""

from migrate_service.worker.steps import remove_created


def run(work):
    """Delete the server if there is one; its volumes stay for now."""
    entries = work.ledger.left('server')
    if entries:
        with work.open_destination() as destination:
            for entry in entries:
                if entry['resource_id'] and _is_asked(work):
                    destination.stop_server(entry['resource_id'])
                remove_created.remove(work, destination, entry)


def _is_asked(work):
    return bool(work.rollback) and not work.rollback.get('automatic')
