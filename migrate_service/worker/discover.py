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

"""The only step of a source: see whether it works and what it holds."""

import dataclasses
import itertools

#: Items of one call to the conductor.
PAGE = 200


def run(work):
    """Check the source and send its inventory, page by page."""
    with work.open_source() as source:
        work.result['product'] = source.product()
        work.send_inventory(
            networks=[dataclasses.asdict(n) for n in source.networks()],
            datastores=[dataclasses.asdict(d) for d in source.datastores()],
        )
        machines = source.machines()
        while page := list(itertools.islice(machines, PAGE)):
            work.check()
            work.send_inventory(machines=[m.to_dict() for m in page])
