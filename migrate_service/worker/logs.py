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

"""Ships the logs of tools to the conductor while they grow."""

import os
import threading

#: Bytes of one call.
PIECE = 64 * 1024
#: Tools quote guests: a terminal that shows the log must not obey them.
_CONTROLS = {
    code: '\ufffd'
    for code in (*range(32), *range(127, 160))
    if chr(code) not in '\t\n\r'
}


class Logs:
    """The log files of one lease.

    :param directory: where they lie; exists.
    :param send: called as ``send(tool, text)`` with at most 64 KiB.
    """

    def __init__(self, directory, send):
        self._directory = directory
        self._send = send
        self._shipped = {}
        self._lock = threading.Lock()

    def path(self, tool):
        """Return the path of the log of ``tool``; it exists from now on."""
        path = os.path.join(self._directory, f'{tool}.log')
        with open(path, 'ab'):
            self._shipped.setdefault(tool, 0)
        return path

    def ship(self, final=False):
        """Send what was added since the last call.

        :param final: also send a last line that has no end yet.
        """
        with self._lock:
            for tool in list(self._shipped):
                self._ship(tool, final)

    def _ship(self, tool, final):
        with open(self.path(tool), 'rb') as log:
            while True:
                log.seek(self._shipped[tool])
                piece = log.read(PIECE)
                if not final and len(piece) < PIECE:
                    piece = piece[: piece.rfind(b'\n') + 1]
                if not piece:
                    return
                text = piece.decode(errors='replace')
                self._send(tool, text.translate(_CONTROLS))
                self._shipped[tool] += len(piece)
