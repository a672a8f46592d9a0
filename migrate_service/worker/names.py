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
"""A name of a worker is one process's at a time on a node.

Two of them would empty each other's folders, and the leases of the older one
would be given away while it still writes.
"""

import fcntl
import os
import socket
import time

#: Seconds that a process which was told to stop has to end.
PATIENCE = 30.0
INTERVAL = 0.1


class NameTaken(Exception):
    """Another process has the name."""


def of(conf):
    """Return the name of the worker that ``conf`` describes."""
    return conf.worker.name or socket.gethostname()


def hold(conf, patience=PATIENCE):
    """Take the name; return the open file that holds it.

    The kernel lets go of it when the last process that has the file open is
    gone, however that ended.

    :param patience: seconds to wait for an earlier process to end.
    :raises NameTaken: it did not.
    """
    name = of(conf)
    os.makedirs(conf.worker.workdir, mode=0o700, exist_ok=True)
    path = os.path.join(conf.worker.workdir, f'{name}.lock')
    file = open(path, 'a+')
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(INTERVAL)
                continue
            holder = _holder(file)
            file.close()
            raise NameTaken(
                f'The process {holder} is a worker with the name {name} and '
                f'the folder {conf.worker.workdir} already. Stop it first, '
                f'or give this one another [worker] name.'
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        return file


def _holder(file):
    file.seek(0)
    return file.read().strip() or 'of another user'
