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

"""The folder that fake ends share, also between processes.

Every thing is a JSON file of its own, so that thousands are cheap::

    machines/<key>.json    disks/<machine>-<disk>.img
    cloud/<kind>/<id>.json volumes/<id>.img
    consoles/<server>.json
    faults/<method>.json   blocks/<method>[.reached]   calls
"""

import collections
import errno
import fcntl
import json
import os
import pathlib
import threading

from migrate_service.drivers import errors


class InjectedFault(errors.DriverError):
    """A fault that a test asked for."""

    code = 'fake.fault'
    title = 'Injected fault'
    template = 'The method %(method)s failed as a test asked for.'
    remedy = 'Retry: the fault passes.'


class RetryableFault(InjectedFault):
    """A fault that passes by itself."""

    code = 'fake.retryable_fault'
    retryable = True


class Folder:
    """The state of the fake ends.

    :param root: path of the folder; made when missing.
    """

    def __init__(self, root):
        self.root = pathlib.Path(root)
        for name in ('machines', 'disks', 'volumes', 'faults', 'blocks'):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def get(self, *names):
        """Return the JSON of a thing, or None."""
        try:
            return json.loads(self._path(names).read_text())
        except FileNotFoundError:
            return None

    def put(self, data, *names):
        """Write the JSON of a thing, in one go."""
        path = self._path(names)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f'{path.name}.{threading.get_ident()}.new')
        new.write_text(json.dumps(data))
        new.replace(path)

    def drop(self, *names):
        """Remove a thing that may be gone already."""
        self._path(names).unlink(missing_ok=True)

    def names(self, *names):
        """Return the names of the things of a kind, sorted."""
        folder = self.root.joinpath(*names)
        return sorted(path.stem for path in folder.glob('*.json'))

    def call(self, method, key=''):
        """Count a call of a method; hold it up or fail it as asked."""
        with open(self.root / 'calls', 'a') as calls:
            calls.write(f'{method} {key}\n')
        self._hold(method)
        self._fail(method)

    def calls(self):
        """Return how often each method was called, a Counter."""
        try:
            lines = (self.root / 'calls').read_text().splitlines()
        except FileNotFoundError:
            lines = []
        return collections.Counter(line.split()[0] for line in lines)

    def fail(self, method, times=1, retryable=False):
        """Have the next calls of a method fail."""
        fault = {'times': times, 'retryable': retryable}
        self.put(fault, 'faults', method)

    def block(self, method):
        """Have calls of a method wait until ``release``."""
        (self.root / 'blocks' / method).touch()

    def reached(self, method):
        """Return whether a call waits, or has waited, at the block."""
        return (self.root / 'blocks' / f'{method}.reached').exists()

    def release(self, method):
        """Let the calls that wait go on."""
        (self.root / 'blocks' / method).unlink(missing_ok=True)

    def _path(self, names):
        *folders, name = names
        return self.root.joinpath(*folders, f'{name}.json')

    def _hold(self, method):
        block = self.root / 'blocks' / method
        while block.exists():
            block.with_name(f'{method}.reached').touch()
            threading.Event().wait(0.02)

    def _fail(self, method):
        path = self._path(('faults', method))
        if not path.exists():
            return
        with open(self.root / 'faults' / '.lock', 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            fault = self.get('faults', method)
            if not fault or fault['times'] <= 0:
                return
            fault['times'] -= 1
            self.put(fault, 'faults', method)
        kind = RetryableFault if fault['retryable'] else InjectedFault
        raise kind(method=method)


def sparse_file(path, size):
    """Make a file of ``size`` bytes that holds nothing yet."""
    with open(path, 'wb') as file:
        os.truncate(file.fileno(), size)


def copy_data(source, target):
    """Copy what a sparse file holds into another one of its size."""
    with open(source, 'rb') as old, open(target, 'r+b') as new:
        end, at = os.fstat(old.fileno()).st_size, 0
        while at < end:
            try:
                start = os.lseek(old.fileno(), at, os.SEEK_DATA)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                return
            at = os.lseek(old.fileno(), start, os.SEEK_HOLE)
            os.pwrite(
                new.fileno(), os.pread(old.fileno(), at - start, start), start
            )
