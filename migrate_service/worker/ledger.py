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

"""What a migration made or changed, written down before the act."""


class Ledger:
    """The ledger of one migration, as its lease brought it.

    :param entries: list of ``{'kind', 'key', 'state', 'resource_id',
        'details'}``.
    :param write: called with an entry; returns once it is stored, and
        raises ``LeaseLost`` when the lease is gone.
    """

    def __init__(self, entries, write):
        self._entries = {
            (entry['kind'], entry['key']): entry for entry in entries
        }
        self._write = write

    def intend(self, kind, key, **details):
        """Write that something is about to be made or changed.

        What is already present stays so: making it again finds it.
        """
        known = self._entries.get((kind, key))
        if known and known['state'] == 'present':
            return
        self._put(
            {
                'kind': kind,
                'key': key,
                'state': 'intended',
                'resource_id': self._pending(known),
                'details': (known['details'] if known else {}) | details,
            }
        )

    def present(self, kind, key, resource_id):
        """Write that it exists, and under which id."""
        self._change(kind, key, state='present', resource_id=resource_id)

    def removed(self, kind, key):
        """Write that it was undone."""
        self._change(kind, key, state='removed')

    def released(self, kind, key):
        """Write that it stays as it is, and is nobody's to undo."""
        self._change(kind, key, state='released')

    def left(self, kind):
        """Return the entries of a kind that may have to be undone."""
        return [
            entry
            for entry in self.entries(kind)
            if entry['state'] not in ('removed', 'released')
        ]

    def entries(self, kind=None, state=None):
        """Return the entries of a kind and in a state, oldest first."""
        return [
            dict(entry)
            for entry in self._entries.values()
            if kind in (None, entry['kind'])
            and state in (None, entry['state'])
        ]

    @staticmethod
    def _pending(known):
        """Return the id of what is made again; a removed one has none."""
        if known and known['state'] == 'intended':
            return known['resource_id']
        return None

    def _change(self, kind, key, **values):
        entry = {'kind': kind, 'key': key, 'resource_id': None, 'details': {}}
        self._put(entry | self._entries.get((kind, key), {}) | values)

    def _put(self, entry):
        if self._entries.get((entry['kind'], entry['key'])) == entry:
            return
        self._write(entry)
        self._entries[entry['kind'], entry['key']] = entry
