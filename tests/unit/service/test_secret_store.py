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

"""Passwords are kept so that only the keys give them back."""

import pathlib
import stat

import fixtures
import testtools
from castellan.common import exception as castellan_errors
from castellan.common.objects import passphrase
from oslo_config import cfg

from migrate_service import conf as migrate_conf
from migrate_service import exceptions
from migrate_service import secret_store


class Manager:
    """Stands in for a key manager of castellan."""

    def __init__(self):
        self.kept = {}
        self.contexts = []

    def store(self, context, value):
        self.contexts.append(context)
        reference = f'ref-{len(self.kept)}'
        self.kept[reference] = value.get_encoded()
        return reference

    def get(self, context, reference):
        self.contexts.append(context)
        return passphrase.Passphrase(self.kept[reference])

    def delete(self, context, reference):
        if self.kept.pop(reference, None) is None:
            raise castellan_errors.ManagedObjectNotFoundError(uuid=reference)


class TestSecretStore(testtools.TestCase):
    def setUp(self):
        super().setUp()
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.keys = root / 'keys'
        self.conf = cfg.ConfigOpts()
        migrate_conf.register_opts(self.conf)
        self.conf([], project='migrate', default_config_files=[])
        self.conf.set_override('key_directory', str(self.keys), 'secrets')
        self.store = secret_store.SecretStore(self.conf)

    def test_what_goes_in_comes_out(self):
        secret_store.create_key(self.keys)
        reference = self.store.store('gehäim')
        self.assertNotIn('geh', reference)
        self.assertEqual('gehäim', self.store.fetch(reference))
        self.store.delete(reference)

    def test_keys_are_for_their_owner_alone(self):
        path = secret_store.create_key(self.keys)
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        self.assertEqual(0o700, stat.S_IMODE(self.keys.stat().st_mode))

    def test_the_newest_key_encrypts_and_all_decrypt(self):
        for _number in range(11):
            last = secret_store.create_key(self.keys)
            reference = self.store.store('geheim')
        self.assertEqual('11', last.name)
        first = self.keys / '1'
        first.unlink()
        self.assertEqual('geheim', self.store.fetch(reference))

    def test_after_a_rotation_the_old_key_may_go(self):
        old = secret_store.create_key(self.keys)
        reference = self.store.store('geheim')
        secret_store.create_key(self.keys)
        rotated = self.store.rotate(reference)
        old.unlink()
        self.assertEqual('geheim', self.store.fetch(rotated))
        for use in (self.store.fetch, self.store.rotate):
            self.assertRaises(exceptions.SecretsUnavailable, use, reference)

    def test_without_keys_there_is_a_sentence(self):
        for prepare in (lambda: None, self.keys.mkdir, self.write_rubbish):
            prepare()
            error = self.assertRaises(
                exceptions.SecretsUnavailable, self.store.store, 'geheim'
            )
            self.assertIn(str(self.keys), str(error))

    def write_rubbish(self):
        (self.keys / '1').write_text('no key')

    def test_a_key_manager_is_used_as_the_service(self):
        self.conf.set_override('backend', 'castellan', 'secrets')
        manager = Manager()
        self.patch(secret_store.key_manager, 'API', lambda conf: manager)
        store = secret_store.SecretStore(self.conf)
        reference = store.store('geheim')
        self.assertEqual('castellan:ref-0', reference)
        self.assertEqual('geheim', store.fetch(reference))
        self.assertEqual(reference, store.rotate(reference))
        self.assertEqual(2, len(manager.contexts))
        for context in manager.contexts:
            self.assertIsNone(context.auth_token)
        store.delete(reference)
        store.delete(reference)
        self.assertEqual({}, manager.kept)
        self.assertRaises(
            exceptions.SecretsUnavailable, store.fetch, reference
        )

    def test_a_change_of_the_back_end_leaves_old_secrets_readable(self):
        secret_store.create_key(self.keys)
        reference = self.store.store('geheim')
        self.conf.set_override('backend', 'castellan', 'secrets')
        store = secret_store.SecretStore(self.conf)
        self.assertEqual('geheim', store.fetch(reference))
