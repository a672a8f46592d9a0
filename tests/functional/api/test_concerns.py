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
"""Concerns keep migrations from their start, unless overridden."""

from migrate_service.db.api import events as events_db
from migrate_service.db.api import paging
from tests.functional.api import base


class TestBlocked(base.TestCase):
    def create(self, machine=None, **values):
        source_id = self.api.ready_source(machine or base.machine())
        return self.api.create_migration(source_id, **values)

    def test_all_that_blocks_is_told_at_once(self):
        machine = base.machine(snapshots=2, question='Moved or copied?')
        response = self.create(machine)
        self.assert_error(response, 409, 'migration.blocked', 'Moved or')
        (entry,) = response.json['errors']
        self.assertEqual(
            ['concern.machine_question', 'concern.snapshots'],
            [concern['code'] for concern in entry['concerns']],
        )
        for concern in entry['concerns']:
            self.assertEqual('blocking', concern['severity'])
            self.assertIn(concern['what'], response.json['message'])
            self.assertIn(concern['remedy'], entry['remedy'])

    def test_what_had_a_code_of_its_own_keeps_it(self):
        response = self.create(base.machine(snapshots=1, template=True))
        self.assert_error(response, 400, 'machine.unsupported', 'template')

    def test_a_concern_is_overridden_and_the_event_tells_who(self):
        code = 'concern.machine_question'
        machine = base.machine(question='Moved or copied?')
        response = self.create(machine, override=[code])
        self.assertEqual(202, response.status_code, response.text)
        migration = response.json['migration']
        self.assertEqual([code], migration['override'])
        first = events_db.page(
            self.context, migration['id'], paging.Page(sort_key='id')
        )[0]
        self.assertEqual({'overridden': [code]}, first.details)
        self.assertEqual('member-of-project-a', first.user_id)

    def test_what_did_not_stand_against_it_is_not_recorded(self):
        response = self.create(override=['concern.machine_question'])
        first = events_db.page(
            self.context,
            response.json['migration']['id'],
            paging.Page(sort_key='id'),
        )[0]
        self.assertEqual({}, first.details)

    def test_what_must_not_be_overridden(self):
        for code in ('concern.snapshots', 'concern.none'):
            response = self.create(override=[code])
            self.assert_error(response, 400, 'migration.bad_request', code)
