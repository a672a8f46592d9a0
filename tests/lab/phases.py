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
"""Phases of a lab command, printed with their seconds."""

import contextlib
import time


@contextlib.contextmanager
def phase(title):
    """Print ``title`` and how long the block took.

    The block may call the yielded function with a remark to print.
    """
    begun = time.monotonic()
    remarks = []
    print(f'{title:<44}', end='', flush=True)
    try:
        yield remarks.append
    except BaseException:
        print('  failed', flush=True)
        raise
    seconds = time.monotonic() - begun
    print(f'{seconds:7.1f} s  {", ".join(remarks)}'.rstrip(), flush=True)
