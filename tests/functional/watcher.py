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
"""Watches the arguments and the environment of every new process."""

import pathlib
import threading

import fixtures


class Watcher(fixtures.Fixture):
    """``seen`` holds what the processes since the start of this showed."""

    def __init__(self):
        super().__init__()
        self.seen = set()
        self._ended = threading.Event()

    def _setUp(self):
        self._old = set(_processes())
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self._ended.set)

    def _watch(self):
        while not self._ended.wait(0.002):
            for name in _processes():
                if name not in self._old:
                    self._look(name)

    def _look(self, name):
        for part in ('cmdline', 'environ'):
            try:
                shown = pathlib.Path('/proc', name, part).read_bytes()
            except OSError:
                continue
            self.seen.add((part, shown))


def _processes():
    return [
        path.name
        for path in pathlib.Path('/proc').iterdir()
        if path.name.isdigit()
    ]
