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


"""Rehearsal: remove all that the ledger says was made for it."""

import time

from migrate_service import pipelines
from migrate_service.worker.steps import rehearsal
from migrate_service.worker.steps import remove_created


def run(work):
    """Remove everything of the rehearsal; the replica stays."""
    began = time.monotonic()
    entries = [
        entry
        for kind in remove_created.ORDER
        for entry in work.ledger.left(kind)
        if entry['key'].startswith(rehearsal.PREFIX)
    ]
    if entries:
        with work.open_destination() as destination:
            for entry in entries:
                work.check()
                remove_created.remove(work, destination, entry)
    work.checkpoint.pop('rehearsal', None)
    timings = rehearsal.timings_of(work)
    timings[pipelines.REMOVAL] = round(time.monotonic() - began, 3)
    work.keep_evidence(timings=timings)
