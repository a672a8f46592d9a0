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

"""What mappings yield, and what they leave open."""

import testtools

from migrate_service import mapping

KNOWN = {'networks': {'a', 'b', 'c'}, 'volume_types': {'d1', 'd2'}}
MAPPED = {
    'networks': [
        {'source': 'a', 'network_id': 'one', 'keep_ip': False},
        {'source': 'b', 'network_id': 'two'},
        {'source': 'gone', 'network_id': 'two'},
    ],
    'volume_type': 'slow',
    'volume_types': [{'datastore': 'd1', 'volume_type': 'fast'}],
    'metadata': {'by': 'mapping', 'kept': 'yes'},
    'key_name': 'ann',
    'keep_mac': False,
}


class TestChoices(testtools.TestCase):
    def choose(self, **given):
        return mapping.choices(MAPPED, given, KNOWN)

    def test_what_is_not_given_is_the_mappings(self):
        chosen = self.choose(convert='none')
        expected = MAPPED | {
            'convert': 'none',
            'networks': MAPPED['networks'][:2],
        }
        self.assertEqual(expected, chosen)

    def test_entries_are_joined_by_what_they_map(self):
        given = {'source': 'b', 'network_id': 'three'}
        self.assertEqual(
            [given, MAPPED['networks'][0]],
            self.choose(networks=[given])['networks'],
        )
        given = {'datastore': 'd2', 'volume_type': 'x'}
        self.assertEqual(
            [given, *MAPPED['volume_types']],
            self.choose(volume_types=[given])['volume_types'],
        )

    def test_a_whole_wins_over_entries(self):
        chosen = self.choose(keep_ip=True, volume_type='other')
        self.assertEqual([], chosen['volume_types'])
        self.assertEqual('other', chosen['volume_type'])
        for entry in chosen['networks']:
            self.assertTrue(mapping.kept(chosen, entry, 'keep_ip'))

    def test_null_wins_and_metadata_is_joined(self):
        chosen = self.choose(key_name=None, metadata={'by': 'me'})
        self.assertIsNone(chosen['key_name'])
        self.assertEqual({'by': 'me', 'kept': 'yes'}, chosen['metadata'])

    def test_the_mapping_itself_stays_as_it_was(self):
        before = repr(MAPPED)
        self.choose(networks=[{'source': 'a', 'network_id': 'z'}])
        self.choose(keep_ip=True, metadata={'x': 'y'})
        self.assertEqual(before, repr(MAPPED))


class TestKept(testtools.TestCase):
    def test_an_entry_wins(self):
        for whole, own, kept in (
            (True, None, True),
            (False, None, False),
            (True, False, False),
            (False, True, True),
        ):
            entry = {} if own is None else {'keep_ip': own}
            options = {'keep_ip': whole}
            self.assertEqual(kept, mapping.kept(options, entry, 'keep_ip'))
        self.assertTrue(mapping.kept({}, None, 'keep_mac'))


class TestUnmapped(testtools.TestCase):
    NAMES = {'networks': {'n2': 'Backup'}, 'datastores': {'d2': 'nfs'}}

    def machine(self, key, networks, datastores):
        return {
            'key': key,
            'nics': [{'network': name} for name in networks],
            'disks': [{'datastore': name} for name in datastores],
        }

    def test_by_network_and_datastore(self):
        options = {
            'networks': [{'source': 'n1', 'network_id': 'x'}],
            'volume_types': [{'datastore': 'd1', 'volume_type': 'x'}],
        }
        machines = [
            self.machine('a', ('n1', 'n2', 'n2'), ('d1', 'd2')),
            self.machine('b', ('n2', 'n3', None), ('d1', None)),
        ]
        self.assertEqual(
            {
                'networks': [
                    {
                        'source': 'n2',
                        'name': 'Backup',
                        'machine_ids': ['a', 'b'],
                    },
                    {'source': 'n3', 'name': 'n3', 'machine_ids': ['b']},
                ],
                'datastores': [
                    {'datastore': 'd2', 'name': 'nfs', 'machine_ids': ['a']}
                ],
            },
            mapping.unmapped(options, machines, self.NAMES),
        )

    def test_one_volume_type_for_all_leaves_nothing_open(self):
        machine = self.machine('a', (), ('d1',))
        found = mapping.unmapped({'volume_type': 'x'}, [machine], self.NAMES)
        self.assertEqual([], found['datastores'])
