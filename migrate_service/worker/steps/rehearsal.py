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


"""What the steps of a rehearsal share: its options, names and checkpoint.

The checkpoint ``rehearsal`` holds ``networks`` and ``ports`` by NIC key,
``volumes`` by disk key, ``conversion``, ``server_id`` and ``result``, which
is kept as evidence.
"""

from migrate_service import pipelines

#: Before the keys of what is made for a rehearsal, in the ledger.
PREFIX = 'rehearsal:'


def owner(work):
    """Return the mark of all that is made for a rehearsal.

    A migration has one at a time, and it is removed before the next.
    """
    return f'{work.id}-rehearsal'


def owner_and_key(work, key):
    """Return by which mark, and which key, an entry of the ledger is found.

    :param key: of the ledger.
    """
    if key.startswith(PREFIX):
        return owner(work), key.removeprefix(PREFIX)
    return work.id, key


def name_of(work):
    """Return the name of what is made for it: Nova takes 255 letters."""
    return f'{work.name[:200]}-rehearsal'


def options_of(work):
    """Return what the user chose: ``network_id`` and ``probe``."""
    return work.lease['rehearsal']['options']


def timings_of(work):
    """Return ``{step: seconds}`` of the steps that are done."""
    spent = work.checkpoint.get('timings', {})
    return {step: spent[step] for step in pipelines.REHEARSE if step in spent}


def state_of(work):
    """Return the checkpoint ``rehearsal``, made when it is missing."""
    state = work.checkpoint.setdefault('rehearsal', {})
    for part in ('networks', 'ports', 'volumes', 'conversion', 'result'):
        state.setdefault(part, {})
    return state
