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

"""Where passwords of sources are kept: ours, encrypted, or a key manager.

The database holds a *reference*: ``fernet:`` with the ciphertext itself, or
``castellan:`` with the id that the key manager gave. The API stores, workers
fetch; neither the bus nor a view ever carries a secret.
"""

import os
import pathlib

from castellan import key_manager
from castellan import options as castellan_options
from castellan.common import exception as castellan_errors
from castellan.common.objects import passphrase
from cryptography import fernet
from oslo_context import context

from migrate_service import exceptions
from migrate_service import service_account


class SecretStore:
    """The store that ``[secrets]`` describes; reads those of either back end.

    Key files are read at each use, so that a rotation needs no restart.
    """

    def __init__(self, conf):
        self._backends: dict[str, Fernet | Castellan] = {
            'fernet': Fernet(conf.secrets.key_directory),
            'castellan': Castellan(conf),
        }
        self._backend = conf.secrets.backend

    def store(self, secret):
        """Store a text and return its reference.

        :raises SecretsUnavailable: there are no keys, or no key manager.
        """
        return f'{self._backend}:{self._backends[self._backend].store(secret)}'

    def fetch(self, reference):
        """Return the text behind a reference.

        :raises SecretsUnavailable: it cannot be had.
        """
        backend, value = reference.split(':', 1)
        return self._backends[backend].fetch(value)

    def delete(self, reference):
        """Delete the secret behind a reference; it may be gone already."""
        backend, value = reference.split(':', 1)
        self._backends[backend].delete(value)

    def rotate(self, reference):
        """Return a reference that the newest key encrypts.

        What a key manager keeps stays as it is.
        """
        backend, value = reference.split(':', 1)
        return f'{backend}:{self._backends[backend].rotate(value)}'


class Fernet:
    """Encrypts with the key files of a directory, the highest one first."""

    def __init__(self, directory):
        self._directory = directory

    def store(self, secret):
        return self._keys().encrypt(secret.encode()).decode()

    def fetch(self, token):
        try:
            return self._keys().decrypt(token.encode()).decode()
        except fernet.InvalidToken:
            raise _no_key(self._directory) from None

    def delete(self, token):
        """Nothing: the ciphertext goes with its row."""

    def rotate(self, token):
        try:
            return self._keys().rotate(token.encode()).decode()
        except fernet.InvalidToken:
            raise _no_key(self._directory) from None

    def _keys(self):
        try:
            keys = [path.read_bytes() for path in key_files(self._directory)]
            return fernet.MultiFernet([fernet.Fernet(key) for key in keys])
        except (OSError, ValueError) as error:
            raise exceptions.SecretsUnavailable(
                reason=f'the keys in {self._directory} cannot be read '
                f'({type(error).__name__}).'
            ) from error


class Castellan:
    """Keeps secrets in a key manager, as the service's own account."""

    def __init__(self, conf):
        self._conf = conf
        self._manager = None

    def store(self, secret):
        value = passphrase.Passphrase(
            secret.encode(), name='migrate source password'
        )
        return self._ask('store', value)

    def fetch(self, reference):
        return self._ask('get', reference).get_encoded().decode()

    def delete(self, reference):
        try:
            self._ask('delete', reference)
        except exceptions.SecretsUnavailable as error:
            missing = castellan_errors.ManagedObjectNotFoundError
            if not isinstance(error.__cause__, missing):
                raise

    def rotate(self, reference):
        """Nothing: the key manager has keys of its own."""
        return reference

    def _ask(self, method, value):
        if self._manager is None:
            castellan_options.set_defaults(self._conf)
            self._manager = key_manager.API(self._conf)
        try:
            return getattr(self._manager, method)(
                ServiceContext(self._conf), value
            )
        except Exception as error:
            raise exceptions.SecretsUnavailable(
                reason=f'the key manager answered {type(error).__name__}.'
            ) from error


class ServiceContext(context.RequestContext):
    """The context from which castellan takes the account to act as."""

    def __init__(self, conf):
        super().__init__(overwrite=False)
        self._conf = conf

    def get_auth_plugin(self):
        return service_account.session(self._conf).auth


def key_files(directory):
    """Return the paths of the key files, the newest (highest) first."""
    paths = (
        path
        for path in pathlib.Path(directory).iterdir()
        if path.name.isdecimal()
    )
    return sorted(paths, key=lambda path: int(path.name), reverse=True)


def create_key(directory):
    """Write a new key, from then on the one that encrypts; return its path.

    Every API and worker needs it before the first of them encrypts with it.
    """
    folder = pathlib.Path(directory)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    newest = next(iter(key_files(folder)), None)
    number = int(newest.name) + 1 if newest else 1
    path = folder / str(number)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(path, flags, 0o600), 'wb') as file:
        file.write(fernet.Fernet.generate_key())
    return path


def _no_key(directory):
    return exceptions.SecretsUnavailable(
        reason=f'none of the keys in {directory} decrypts the password.'
    )
