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

"""Sources: what is checked, what is kept secret, what is verified again."""

from migrate_service import exceptions
from migrate_service import secret_store
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import sources as sources_db
from tests.functional.api import base

SOURCES = '/v1/sources'
PIN = 'ab' * 32


class TestSources(base.TestCase):
    def source(self, id):
        return sources_db.get(self.context, id)

    def password(self, id):
        store = secret_store.SecretStore(self.conf)
        return store.fetch(self.source(id).secret)

    def patch_source(self, id, **values):
        return self.api.request(
            'PATCH', f'{SOURCES}/{id}', json={'source': values}
        )

    def test_a_password_goes_in_and_never_out(self):
        id = self.api.create_source()
        self.assertEqual('geheim', self.password(id))
        self.assertNotIn('geheim', self.source(id).secret)
        for path in (SOURCES, f'{SOURCES}/{id}'):
            text = self.api.request('GET', path).text
            self.assertNotIn('geheim', text)
            self.assertNotIn('fernet', text)
            self.assertNotIn('password', text)

    def test_a_wrong_password_is_not_repeated(self):
        for password in ('x' * 1025, ['geheim'], ''):
            body = {'source': base.SOURCE | {'password': password}}
            response = self.api.request('POST', SOURCES, json=body)
            self.assert_error(
                response, 400, 'migration.bad_request', 'source.password: '
            )
            self.assertNotIn('xxx', response.text)
            self.assertNotIn('geheim', response.text)

    def test_fields_are_checked_by_name(self):
        for field, value, text in (
            ('address', 'https://vcenter', 'host name'),
            ('address', 'vcenter:443', 'host name'),
            ('address', 'user@vcenter', 'host name'),
            ('address', '2130706433', 'host name'),
            ('port', 0, 'at least 1'),
            ('port', 65536, 'at most 65535'),
            ('fingerprint', 'ab:cd', 'SHA-256'),
            ('ca', 'no certificate', 'PEM'),
            ('driver', 'hyperv', 'one of'),
            ('name', '', 'at least 1'),
        ):
            body = {'source': base.SOURCE | {field: value}}
            response = self.api.request('POST', SOURCES, json=body)
            self.assert_error(
                response, 400, 'migration.bad_request', f'source.{field}: '
            )
            self.assertIn(text, response.json['message'])

    def test_unknown_and_missing_fields_are_named(self):
        for body, text in (
            ({'source': base.SOURCE | {'secret': 'x'}}, 'source: secret'),
            ({'source': {'name': 'x'}}, 'driver, address'),
            ({}, 'source is missing'),
            ([], 'type object'),
        ):
            response = self.api.request('POST', SOURCES, json=body)
            self.assert_error(response, 400, 'migration.bad_request', text)

    def test_values_are_kept_in_their_normal_form(self):
        id = self.api.create_source(address='[2001:DB8::1]', fingerprint=PIN)
        source = self.source(id)
        self.assertEqual('2001:db8::1', source.address)
        self.assertEqual(':'.join(['AB'] * 32), source.fingerprint)

    def test_a_new_connection_is_verified_again(self):
        id = self.api.ready_source()
        leases.update(
            self.context, models.Source, id, {'worker': 'w', 'attempt': 3}
        )
        response = self.patch_source(id, password='neu')
        self.assertEqual('verifying', response.json['source']['status'])
        source = self.source(id)
        self.assertEqual((None, 4), (source.worker, source.attempt))
        self.assertEqual('neu', self.password(id))

    def test_the_password_is_not_sent_to_another_place(self):
        id = self.api.ready_source()
        for place in ({'address': 'evil.test'}, {'port': 8443}):
            self.assert_error(
                self.patch_source(id, **place),
                400,
                'migration.bad_request',
                'source.password: ',
            )
            self.assertEqual('ready', self.source(id).status)
            moved = self.patch_source(id, password='neu', **place)
            self.assertEqual(200, moved.status_code)
            self.assertEqual('neu', self.password(id))
            sources_db.change(self.context, id, {'status': 'ready'})
        same = self.patch_source(id, address='EVIL.test', port=8443)
        self.assertEqual(200, same.status_code)

    def test_a_new_name_leaves_the_rest(self):
        id = self.api.ready_source()
        response = self.patch_source(id, name='new', description=None)
        self.assertEqual('ready', response.json['source']['status'])
        self.assertEqual('geheim', self.password(id))

    def test_a_change_needs_something_to_change(self):
        id = self.api.create_source()
        self.assertEqual(400, self.patch_source(id).status_code)
        response = self.patch_source(id, driver='fake')
        self.assert_error(response, 400, 'migration.bad_request', 'driver')

    def test_a_refresh_is_asked_for(self):
        id = self.api.ready_source()
        response = self.api.request('POST', f'{SOURCES}/{id}/refresh')
        self.assertEqual(202, response.status_code)
        self.assertEqual('ready', response.json['source']['status'])
        self.assertIsNotNone(self.source(id).refresh_requested_at)

    def test_a_source_in_use_stays(self):
        id = self.api.ready_source()
        self.api.create_migration(id)
        response = self.api.request('DELETE', f'{SOURCES}/{id}')
        self.assert_error(response, 409, 'source.in_use')

    def test_without_keys_no_source_is_made(self):
        for path in secret_store.key_files(self.conf.secrets.key_directory):
            path.unlink()
        response = self.api.request(
            'POST', SOURCES, json={'source': base.SOURCE}
        )
        self.assert_error(response, 503, 'migration.secrets_unavailable')
        self.assertEqual([], self.api.request('GET', SOURCES).json['sources'])

    def test_a_source_that_is_gone_is_not_found(self):
        id = self.api.create_source()
        path = f'{SOURCES}/{id}'
        self.assertEqual(204, self.api.request('DELETE', path).status_code)
        response = self.api.request('GET', path)
        self.assert_error(response, 404, 'migration.not_found', id)
        self.assertRaises(exceptions.NotFound, self.source, id)

    def test_the_inventory_tells_its_age(self):
        id = self.api.ready_source()
        for name in ('machines', 'networks', 'datastores'):
            body = self.api.request('GET', f'{SOURCES}/{id}/{name}').json
            self.assertEqual(1, len(body[name]))
            self.assertGreaterEqual(body['inventory_age'], 0)
            self.assertIsNotNone(body['inventory_at'])

    def test_machines_are_filtered(self):
        id = self.api.ready_source(
            base.machine('vm-1', tags=['prod'], folder='/dc/web/old'),
            base.machine('vm-2', power_state='off', cluster='two'),
        )
        for query, found in (
            ('name=VM-1', ['vm-1']),
            ('power_state=off', ['vm-2']),
            ('folder=/dc/web', ['vm-1', 'vm-2']),
            ('folder=/dc/web/old', ['vm-1']),
            ('cluster=two', ['vm-2']),
            ('tag=prod&power_state=on', ['vm-1']),
            ('guest_family=windows', []),
        ):
            body = self.api.request(
                'GET', f'{SOURCES}/{id}/machines?{query}'
            ).json
            ids = [machine['id'] for machine in body['machines']]
            self.assertEqual(found, ids, query)

    def test_an_unknown_machine(self):
        id = self.api.ready_source()
        response = self.api.request('GET', f'{SOURCES}/{id}/machines/vm-9')
        self.assert_error(response, 404, 'machine.not_found', 'vm-9')
