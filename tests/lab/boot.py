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

"""Boot disks in QEMU without OpenStack and read what the guest says."""

import contextlib
import dataclasses
import os
import re
import selectors
import shutil
import subprocess
import time

GOOD = rb'LAB-BOOT-OK [^\r\n]*[\r\n]'
BAD = (
    rb'ALERT!.*does not exist|Kernel panic|emergency mode|No bootable'
    rb'|\(initramfs\)|grub rescue|UEFI Interactive Shell|dracut:/#'
    rb'|Entering emergency'
)
CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd'
VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd'
DISKS = {
    'virtio': ((), 'virtio-blk-pci'),
    'scsi': (('virtio-scsi-pci',), 'scsi-hd'),
    'pvscsi': (('pvscsi',), 'scsi-hd'),
    'ide': ((), 'ide-hd'),
}


@dataclasses.dataclass
class Boot:
    """What came of a boot; ``line`` is the guest's own report."""

    good: bool
    line: str
    seconds: float
    text: str


def boot(
    disks, *, log, macs=(), firmware='bios', bus='virtio',
    nic='virtio-net-pci', machine=None, timeout=300,
):  # fmt: skip
    """Boot raw disks, which stay unchanged, until the guest reports.

    :param disks: paths in boot order.
    :param log: path that receives the serial console.
    :param macs: hardware addresses of the network cards; the first network
        has DHCP, none leads anywhere.
    :param bus: ``virtio``, ``scsi`` (virtio-scsi), ``pvscsi`` or ``ide``.
    :returns: ``Boot``; not good when the guest gave up or time was out.
    """
    command = _qemu(machine or ('q35' if firmware == 'efi' else 'pc'))
    command += _disks(disks, bus) + _nics(macs, nic)
    variables = f'{log}.vars'
    if firmware == 'efi':
        shutil.copyfile(VARIABLES, variables)
        for path, mode in ((CODE, 'on'), (variables, 'off')):
            drive = f'if=pflash,format=raw,readonly={mode},file={path}'
            command += ['-drive', drive]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    try:
        return _watch(process.stdout, log, timeout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(variables)


def _qemu(machine):
    return [
        'qemu-system-x86_64', '-machine', machine,
        '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2',
        '-m', '1024', '-nodefaults', '-display', 'none', '-no-reboot',
        '-monitor', 'none', '-serial', 'stdio', '-device', 'virtio-rng-pci',
    ]  # fmt: skip


def _disks(disks, bus):
    controllers, device = DISKS[bus]
    command = [part for name in controllers for part in ('-device', name)]
    for number, path in enumerate(disks):
        drive = f'if=none,id=d{number},format=raw,snapshot=on,file={path}'
        command += ['-drive', f'{drive},cache=unsafe']
        command += ['-device', f'{device},drive=d{number},bootindex={number}']
    return command


def _nics(macs, model):
    command = []
    for number, mac in enumerate(macs):
        command += ['-netdev', f'user,id=n{number},restrict=on']
        device = f'{model},netdev=n{number},mac={mac},romfile='
        command += ['-device', device]
    return command


def _watch(stream, log, timeout):
    """Read the console until a verdict, the end, or the deadline."""
    start = time.monotonic()
    text = b''
    with open(log, 'wb') as console, selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while (left := start + timeout - time.monotonic()) > 0:
            chunk = stream.read1(65536) if selector.select(left) else b''
            console.write(chunk)
            console.flush()
            text += chunk
            good, bad = re.search(GOOD, text), re.search(BAD, text)
            if good or bad or not chunk:
                break
    seconds = round(time.monotonic() - start, 1)
    verdict = good or bad
    line = verdict.group().decode(errors='replace').strip() if verdict else ''
    shown = text.decode(errors='replace')
    return Boot(bool(good), line, seconds, shown)
