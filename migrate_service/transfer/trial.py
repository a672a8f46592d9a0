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

"""How fast an export is: a short read of what a copy would read first."""

import threading
import time

import nbd

from migrate_service.transfer import budget
from migrate_service.transfer import engine
from migrate_service.transfer import errors
from migrate_service.transfer import targets

SIZE = 64 * 1024 * 1024
"""Bytes that are read at most."""

CONNECTIONS = 4
REQUEST_SIZE = 1024 * 1024
"""Of an export that does not say what serves it best."""

PATIENCE = 10.0
"""Seconds that it may take at most."""


def rate(export, *, key, check, limit=None, size=SIZE, patience=PATIENCE):
    """Return the bytes a second at which an export was read.

    What it tells to be a hole is not asked for; reads go in order of
    offset, by as many connections as a copy would open.

    :param export: :class:`..transports.Export`.
    :param key: the disk, for errors.
    :param check: called now and then; what it raises ends the trial.
    :param limit: bytes a second that may be taken, or None.
    :raises errors.SourceReadFailed: it cannot be read.
    """
    trial = _Trial(export, budget.Bucket(limit), size, patience)
    try:
        return trial.run(check)
    except (OSError, nbd.Error, engine.ReadError) as error:
        reason = export.explain() or engine.describe(error)
        raise errors.SourceReadFailed(disk=key, reason=reason) from error


class _Trial:
    def __init__(self, export, bucket, size, patience):
        self._source = {'uri': export.uri, 'size': export.size}
        self._handles = [
            engine.connect(self._source)
            for _ in range(export.connections or CONNECTIONS)
        ]
        self._bucket = bucket
        self._requests = _requests(
            targets.allocated(self._handles[0], export.size),
            export.request_size or REQUEST_SIZE,
            size,
        )
        self._lock = threading.Lock()
        self._until = time.monotonic() + patience
        self._read = 0
        self._error = None
        self._over = threading.Event()

    def run(self, check):
        began = time.monotonic()
        threads = [
            threading.Thread(target=self._work, args=(handle,), daemon=True)
            for handle in self._handles
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    check()
                    thread.join(0.25)
        finally:
            self._over.set()
        if self._error:
            raise self._error
        return round(self._read / max(0.001, time.monotonic() - began))

    def _work(self, handle):
        try:
            while request := self._next():
                offset, size = request
                handle.pread(size, offset)
                with self._lock:
                    self._read += size
        except Exception as error:  # noqa: BLE001 - told by run
            self._error = error
            self._over.set()

    def _next(self):
        """Return the next (offset, size), or None at the end."""
        with self._lock:
            request = next(self._requests, None)
        while request and not self._over.is_set():
            if time.monotonic() > self._until:
                return None
            wait = self._bucket.take(request[1])
            if not wait:
                return request
            self._over.wait(min(wait, 0.2))
        return None


def _requests(areas, request_size, left):
    """Yield (offset, size) of the first ``left`` bytes of the areas."""
    for start, length in areas:
        for at in range(start, start + length, request_size):
            size = min(request_size, start + length - at, left)
            if size <= 0:
                return
            left -= size
            yield at, size
