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

"""Runs a program in the guest of a machine that only seems to run.

The simulated vCenter calls this for StartProgramInGuest: the program runs in
libguestfs's appliance, below the root of the machine's own disks, which then
hold what it changed. Standard input is JSON: ``disks`` (raw files), ``files``
(``{path: base64}`` that were uploaded), ``folder`` (where they are; it is
removed again), ``command`` (for sh) and ``cards`` (``[[name, mac]]``, what the
kernel of the guest would show). Standard output is ``{'exit', 'files'}``, the
files of ``folder`` as the program left them.
"""

import base64
import json
import shlex
import sys

import guestfs

MEMORY = 1024  # MiB
#: Bind the appliance's own, and the cards that the guest would have.
AROUND = """
set -e
for at in dev proc sys; do mount --rbind /$at /sysroot/$at; done
mkdir -p /sysroot/run
mount -t tmpfs tmpfs /sysroot/run
mount -t tmpfs tmpfs /sysroot/sys/class/net
"""
CARD = """
mkdir -p /sysroot/sys/class/net/{name}/device
echo {mac} > /sysroot/sys/class/net/{name}/address
"""
RUN = (
    'chroot /sysroot /bin/sh -c {command} </dev/null >/dev/null 2>&1; echo $?'
)


def main():
    request = json.load(sys.stdin)
    handle = guestfs.GuestFS(python_return_dict=True, close_on_exit=False)
    handle.set_memsize(MEMORY)
    for path in request['disks']:
        handle.add_drive_opts(path, format='raw', cachemode='writeback')
    handle.launch()
    answer = _run(handle, request)
    handle.shutdown()
    json.dump(answer, sys.stdout)


def _run(handle, request):
    _mount(handle)
    folder = request['folder']
    handle.mkdir_p(folder)
    for path, content in request['files'].items():
        handle.write(path, base64.b64decode(content))
    _shell(handle, AROUND)
    for name, mac in request['cards']:
        _shell(handle, CARD.format(name=name, mac=mac))
    command = RUN.format(command=shlex.quote(request['command']))
    code = int(_shell(handle, command).split()[-1])
    files = {
        f'{folder}/{name}': base64.b64encode(
            handle.read_file(f'{folder}/{name}')
        ).decode()
        for name in handle.ls(folder)
    }
    handle.rm_rf(folder)
    _shell(handle, 'for i in net; do umount /sysroot/sys/class/$i; done')
    for at in ('run', 'sys', 'proc', 'dev'):
        _shell(handle, f'umount -l /sysroot/{at}')
    handle.sync()
    handle.umount_all()
    return {'exit': code, 'files': files}


def _mount(handle):
    root = handle.inspect_os()[0]
    places = handle.inspect_get_mountpoints(root)
    for place in sorted(places, key=len):
        handle.mount(places[place], place)


def _shell(handle, script):
    return handle.debug('sh', [script])


if __name__ == '__main__':
    main()
