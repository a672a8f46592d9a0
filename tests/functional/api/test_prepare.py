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

"""Preparations of guests: what is refused, what is written."""

import json

from migrate_service import secret_store
from migrate_service.cmd import manage
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import preparations as preparations_db
from tests.functional.api import base
from tests.functional.api import test_cutover

WISH = {'username': 'root', 'password': 'ganz-geheim'}


class TestPrepare(base.TestCase):
    def setUp(self):
        super().setUp()
        self.source_id = self.api.ready_source()

    def created(self, kind='warm', **values):
        response = self.api.create_migration(self.source_id, kind=kind)
        id = response.json['migration']['id']
        values = test_cutover.WAITING | values
        leases.update(self.context, models.Migration, id, values)
        return id

    def prepare(self, id, **values):
        return self.api.request(
            'POST',
            f'/v1/migrations/{id}/prepare',
            'member',
            json={'prepare': WISH | values},
        )

    def assert_refused(self, code, kind='warm', **values):
        id = self.created(kind, **values)
        self.assert_error(self.prepare(id), 409, code)
        self.assertIsNone(preparations_db.get(self.context, id))

    def test_credentials_are_kept_encrypted_and_shown_nowhere(self):
        id = self.created()
        response = self.prepare(id)
        self.assertEqual(202, response.status_code, response.text)
        shown = response.json['migration']
        self.assertIsNotNone(shown['prepare_requested_at'])
        self.assertNotIn('ganz-geheim', response.text)
        row = preparations_db.get(self.context, id)
        self.assertEqual('prepare', row.action)
        self.assertNotIn('ganz-geheim', row.secret)
        self.assertNotIn('root', row.secret)
        secret = secret_store.SecretStore(self.conf).fetch(row.secret)
        self.assertEqual(WISH, json.loads(secret))

    def test_revert(self):
        id = self.created()
        self.assertEqual(202, self.prepare(id, revert=True).status_code)
        action = preparations_db.get(self.context, id).action
        self.assertEqual('revert', action)

    def test_a_rotation_of_the_keys_covers_them(self):
        id = self.created()
        self.prepare(id)
        folder = self.conf.secrets.key_directory
        (old,) = secret_store.key_files(folder)
        secret_store.create_key(folder)
        self.patch(manage.db, 'configure', lambda conf: None)
        manage.rotate(self.conf, None)
        old.unlink()
        row = preparations_db.get(self.context, id)
        secret = secret_store.SecretStore(self.conf).fetch(row.secret)
        self.assertEqual(WISH, json.loads(secret))

    def test_a_password_is_needed_and_nothing_else_is_taken(self):
        id = self.created()
        for values in (
            {'password': ''},
            {'password': None},
            {'username': ''},
            {'domain': 'x'},
        ):
            response = self.prepare(id, **values)
            self.assertEqual(400, response.status_code, values)
            self.assertNotIn('ganz-geheim', response.text)

    def test_a_cold_one(self):
        self.assert_refused(
            'migration.not_warm', 'cold', status='running', step='copy_disks'
        )

    def test_another_system(self):
        machine = {'guest_family': 'windows'}
        self.assert_refused(
            'migration.guest_not_linux', checkpoint={'machine': machine}
        )

    def test_the_cutover_is_due(self):
        self.assert_refused(
            'migration.preparation_too_late', cutover_at=models.now()
        )

    def test_the_cutover_has_begun(self):
        self.assert_refused(
            'migration.invalid_transition',
            status='running',
            step='final_copy',
        )

    def test_a_cancelled_one(self):
        self.assert_refused(
            'migration.invalid_transition', cancel_requested_at=models.now()
        )

    def test_twice(self):
        id = self.created()
        self.prepare(id)
        response = self.prepare(id, password='other')  # noqa: S106
        self.assert_error(response, 409, 'migration.preparation_underway')
