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

"""What the engine is measured against: tuned nbdcopy, a synchronous loop."""

import os
import subprocess
import sys

import nbd

#: Options of nbdcopy by server; the first three won most of the time.
TUNINGS = {
    'local': (
        '-C 2 -T 2 -R 4 --request-size=262144',
        '-C 2 -T 2 -R 2 --request-size=131072',
        '-C 2 -T 2 -R 2 --request-size=524288',
        '-C 2 -T 2 -R 4 --request-size=1048576',
        '-C 4 -T 4 -R 4 --request-size=524288',
        '-C 4 -T 4 -R 64',
        '-R 1',
    ),
    '5ms': (
        '-C 2 -T 2 -R 16 --request-size=524288',
        '-C 2 -T 2 -R 16 --request-size=1048576',
        '-C 8 -T 8 --request-size=1048576',
        '-C 4 -T 4 -R 64',
        '-C 4 -T 4 -R 16 --request-size=1048576',
        '-C 8 -T 4 -R 64 --request-size=1048576',
    ),
    'serial': (
        '-C 8 -T 8 --request-size=2097152',
        '-C 8 -T 8 --request-size=4194304',
        '-C 16 -T 16 --request-size=2097152',
        '-C 16 -T 16 --request-size=1048576',
        '-C 8 -T 8 --request-size=1048576',
    ),
}
DELTA_SIZES = (65536, 262144, 1048576)
SYNC_CAP = 64 * 1024 * 1024


def nbdkit(filters, parameters, source, command):
    """Run a command with ``$uri`` of a new nbdkit; wait for its end."""
    line = ['nbdkit', '-U', '-', '-r', '--threads=16']
    line += [f'--filter={name}' for name in filters]
    line += ['file', source, *parameters, '--run', command]
    subprocess.run(line, check=True)


def nbdcopy(filters, parameters, source, target, options):
    command = f'nbdcopy --flush {options} "$uri" {target}'
    nbdkit(filters, parameters, source, command)


def tunings(server, quick):
    """Return the options of nbdcopy to try."""
    return TUNINGS[server][: 3 if quick else None]


def qemu_img(filters, parameters, source, target):
    """A full copy by qemu-img, sixteen requests in any order."""
    command = 'qemu-img convert -n -W -m 16 -t none -f raw -O raw "$uri" '
    nbdkit(filters, parameters, source, command + target)


def nbdcopy_delta(filters, parameters, source, target, extents, size):
    """The delta by nbdkit's extentlist filter, onto a block device."""
    nbdcopy(
        ['extentlist', *filters],
        [*parameters, f'extentlist={extents}'],
        source,
        target,
        f'--request-size={size} --destination-is-zero -S 0',
    )


def synchronous_delta(filters, parameters, source, target, extents):
    """One read, then one write, in pieces of up to 64 MiB."""
    script = os.path.abspath(__file__)
    command = f'{sys.executable} {script} "$uri" {target} {extents}'
    nbdkit(filters, parameters, source, command)


def main(uri, target, extents):
    handle = nbd.NBD()
    handle.connect_uri(uri)
    fd = os.open(target, os.O_WRONLY)
    with open(extents) as lines:
        for line in lines:
            start, length = map(int, line.split())
            for at in range(start, start + length, SYNC_CAP):
                size = min(SYNC_CAP, start + length - at)
                os.pwrite(fd, handle.pread(size, at), at)
    os.fsync(fd)


if __name__ == '__main__':
    main(*sys.argv[1:])
