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

"""The simulated vCenter's own CA and certificate."""

import pathlib
import tempfile

from tests.lab import commands

DAYS = 3650
NAMES = 'subjectAltName=IP:127.0.0.1,DNS:localhost\n'


def ensure(folder):
    """Make ca.pem, server.pem and server.key in ``folder`` once."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ('ca.pem', 'server.pem', 'server.key')
    if all((folder / name).exists() for name in names):
        return
    # the CA's key is needed once, and not kept
    with tempfile.TemporaryDirectory() as name:
        _make(folder, pathlib.Path(name))


def _make(folder, work):
    new_key = ('-newkey', 'rsa:2048', '-nodes')
    extensions = work / 'extensions'
    extensions.write_text(NAMES)
    commands.run(
        *('openssl', 'req', '-x509', *new_key, '-days', DAYS),
        *('-subj', '/CN=Migrate lab CA', '-keyout', work / 'ca.key'),
        *('-out', folder / 'ca.pem'),
    )
    commands.run(
        *('openssl', 'req', *new_key, '-subj', '/CN=vcenter.lab'),
        *('-keyout', folder / 'server.key', '-out', work / 'request'),
    )
    commands.run(
        *('openssl', 'x509', '-req', '-in', work / 'request'),
        *('-CA', folder / 'ca.pem', '-CAkey', work / 'ca.key'),
        *('-CAcreateserial', '-days', DAYS, '-extfile', extensions),
        *('-out', folder / 'server.pem'),
    )
    (folder / 'server.key').chmod(0o600)
