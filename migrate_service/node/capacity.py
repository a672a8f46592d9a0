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
"""Room on a conversion node: memory, the work directory, the keys."""

import multiprocessing
import os
import shutil

from migrate_service import secret_store
from migrate_service.node import findings

MIB = 1024 * 1024
#: Bytes of memory and of the work directory for one slot: the appliance of
#: libguestfs takes most of it.
MEMORY_OF_A_SLOT = 2048 * MIB
DISK_OF_A_SLOT = 1024 * MIB


def check(conf, slots):
    """Yield the findings about room and keys.

    :param slots: migrations at a time.
    """
    yield memory(slots, available=_memory())
    yield workdir(conf.worker.workdir, slots)
    yield keys(conf)


def slots():
    """Return how many leases the node carries: 1 vCPU and 2 GiB each."""
    room = _memory() // MEMORY_OF_A_SLOT
    return max(1, min(multiprocessing.cpu_count(), room))


def memory(slots, available):
    """Return whether ``available`` bytes of memory hold ``slots``."""
    needed = slots * MEMORY_OF_A_SLOT
    text = f'{available // MIB} MiB of memory for {slots} slots'
    # A host with 2 GiB for a slot reports a little less: the kernel's part.
    if available >= needed * 0.9:
        return findings.ok('memory', f'{text}.')
    return findings.warning(
        'memory',
        f'{text}: {needed // MIB} MiB would be needed.',
        'Add memory, or lower [worker] slots.',
    )


def workdir(path, slots):
    """Return whether the work directory can be written and is big enough."""
    existing = path
    while not os.path.exists(existing):
        existing = os.path.dirname(existing) or '/'
    if not os.access(existing, os.W_OK | os.X_OK):
        return findings.failed(
            'workdir',
            f'This user cannot write to {existing}.',
            f'Make {path} for the user of the worker, with mode 0700.',
        )
    free = shutil.disk_usage(existing).free
    needed = slots * DISK_OF_A_SLOT
    text = f'{free // MIB} MiB are free for {path}'
    if free >= needed:
        return findings.ok('workdir', f'{text}.')
    return findings.failed(
        'workdir',
        f'{text}: {slots} slots need {needed // MIB} MiB.',
        'Make room, or set [worker] workdir to a larger file system.',
    )


def keys(conf):
    """Return whether the node can decrypt the passwords of sources."""
    if conf.secrets.backend != 'fernet':
        return findings.ok('keys', 'Passwords are kept by castellan.')
    directory = conf.secrets.key_directory
    try:
        found = len(secret_store.key_files(directory))
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        if found:
            return findings.ok('keys', f'{found} keys in {directory}.')
        reason = 'it holds no keys'
    return findings.failed(
        'keys',
        f'{directory} cannot be used: {reason}.',
        'Copy the key files of the API nodes there.',
    )


def _memory():
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
