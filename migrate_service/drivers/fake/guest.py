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

"""A guest that a script only seems to run in.

``guests/<machine>.json`` may hold what a test wants of it: ``exit`` and
``output`` of the script, ``running`` while it has not ended.
"""

from migrate_service import inventory
from migrate_service.drivers import guest
from migrate_service.drivers.fake import snapshots

OUTPUT = 'migrate: kernel 6.1.0-1-amd64 ready\nmigrate: result 0\n'
#: What the script changes on the first disk.
MARK = b'prepared for virtio'
DEFAULT = {'exit': 0, 'output': OUTPUT, 'running': False}


class FakeGuest(guest.Guest):
    """The password ``wrong`` is refused.

    :param folder: the :class:`folder.Folder` of the fake ends.
    """

    def __init__(self, folder, key, username, password):
        self._folder = folder
        self._key = key
        self._login = (username, password)
        self._files = folder.root / 'guests' / key

    def log_in(self):
        self._folder.call('guest_log_in', self._key)
        if self._login[1] == 'wrong':  # noqa: S105
            raise guest.GuestLoginRefused(machine=self._key)

    def make_folder(self):
        self._folder.call('guest_make_folder', self._key)
        number = len(self._folder.names('guests', self._key, 'folders'))
        path = f'/root/migrate{number}'
        self._folder.put({}, 'guests', self._key, 'folders', str(number))
        self._path(path).mkdir(parents=True)
        return path

    def remove_folder(self, path):
        self._folder.call('guest_remove_folder', self._key)
        folder = self._path(path)
        for file in folder.glob('*'):
            file.unlink()
        if folder.exists():
            folder.rmdir()

    def upload(self, path, content):
        self._folder.call('guest_upload', self._key)
        self._path(path).write_bytes(content)

    def download(self, path, limit):
        self._folder.call('guest_download', self._key)
        if not self._path(path).exists():
            raise guest.GuestFileNotFound(
                machine=self._key, operation='a download'
            )
        return self._path(path).read_bytes()[:limit]

    def start(self, program, arguments):
        self._folder.call('guest_start', self._key)
        machine = inventory.Machine.from_dict(
            self._folder.get('machines', self._key)
        )
        snapshots.write(self._folder, machine, machine.disks[0], 0, MARK)
        wanted = DEFAULT | (self._folder.get('guests', self._key) or {})
        output = arguments.split(' > ')[1].split()[0]
        self._path(output).write_text(wanted['output'])
        self._folder.put(
            {'command': f'{program} {arguments}'}, 'guests', self._key, 'run'
        )
        return 4711

    def exit_code(self, process):
        self._folder.call('guest_exit_code', self._key)
        if self._folder.get('guests', self._key, 'run') is None:
            raise guest.GuestProcessLost(machine=self._key)
        wanted = DEFAULT | (self._folder.get('guests', self._key) or {})
        return None if wanted['running'] else wanted['exit']

    def _path(self, path):
        return self._files / 'files' / path.lstrip('/')
