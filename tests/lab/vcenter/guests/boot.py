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

"""Manual check: boot a built guest and see what its console says.

    python3 -m tests.lab.vcenter.guests.boot web-bios vmware
    python3 -m tests.lab.vcenter.guests.boot web-bios virtio

On ``vmware`` hardware (pvscsi, vmxnet3, the slots vSphere gives its cards, a
stand-in for the NVRAM's boot entry) every guest must report LAB-BOOT-OK. On
``virtio`` only db-virtio may: the others lack its drivers, and web-uefi its
fallback boot loader, which is what a conversion is for. The image is not
changed.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from tests.lab import settings
from tests.lab.vcenter.guests import specs

OVMF = pathlib.Path('/usr/share/OVMF')
BOOTED = re.compile(r'LAB-DATA .*\r?\n')
FAILED = re.compile(
    r'ALERT!.*does not exist|Kernel panic|emergency mode|No bootable'
    r'|grub rescue'
)
#: Only without the boot entry is the EFI shell the end of it
NO_LOADER = re.compile(FAILED.pattern + '|Shell> ')
ESCAPE = re.compile(r'\x1b\[[0-9;=]*[a-zA-Z]')
#: PCI slots of the first network cards of a machine in vSphere, whence ens192
SLOTS = (192, 224)


def _drive(number: int, image: pathlib.Path) -> list[str]:
    return [
        '-drive',
        f'file={image},format=raw,if=none,id=d{number},snapshot=on,'
        'cache=unsafe',
    ]


def _disks(
    guest: specs.Guest, folder: pathlib.Path, virtio: bool
) -> list[str]:
    words = [] if virtio else ['-device', 'pvscsi,id=scsi']
    model = 'virtio-blk-pci' if virtio else 'scsi-hd,bus=scsi.0'
    if guest.firmware == 'efi' and not virtio:
        model = 'ide-hd,bus=ide.0'  # Debian's OVMF sees no pvscsi
    for i, name in enumerate(guest.disks):
        words += _drive(i, folder / name)
        words += ['-device', f'{model},drive=d{i},bootindex={i}']
    return words


def _nics(guest: specs.Guest, virtio: bool) -> list[str]:
    words = []
    model = 'virtio-net-pci' if virtio else 'vmxnet3'
    for i in range(len(guest.nics)):
        port = f'pcie-root-port,id=port{i},chassis={i + 1},slot={SLOTS[i]}'
        mac = f'00:50:56:8a:10:{i + 1:02x}'
        words += ['-netdev', f'user,id=n{i},restrict=on', '-device', port]
        words += [
            '-device',
            f'{model},netdev=n{i},bus=port{i},mac={mac},romfile=',
        ]
    return words


def _boot_entry(work: pathlib.Path) -> list[str]:
    """The EFI shell's start script does what the NVRAM's entry did."""
    folder = work / 'entry'
    folder.mkdir()
    lines = [f'fs{i}:\\EFI\\debian\\grubx64.efi' for i in range(3)]
    (folder / 'startup.nsh').write_text('\r\n'.join(lines) + '\r\n')
    drive = f'file=fat:{folder},format=raw,if=none,id=entry,snapshot=on'
    device = 'ide-hd,drive=entry,bus=ide.5,bootindex=9'
    return ['-drive', drive, '-device', device]


def _firmware(guest: specs.Guest, work: pathlib.Path) -> list[str]:
    if guest.firmware == 'bios':
        return []
    variables = shutil.copy(OVMF / 'OVMF_VARS_4M.fd', work / 'vars.fd')
    code = f'readonly=on,file={OVMF}/OVMF_CODE_4M.fd'
    words = []
    for file in (code, f'file={variables}'):
        words += ['-drive', f'if=pflash,format=raw,{file}']
    return words


def boot(guest: specs.Guest, hardware: str, limit: float = 300) -> str:
    """Boot on ``hardware`` under TCG; return the console's text.

    Ends at the report, at a sign of failure or after ``limit`` seconds.
    """
    virtio = hardware == 'virtio'
    entry = guest.firmware == 'efi' and not virtio
    failed = FAILED if entry else NO_LOADER
    folder = settings.LAB / 'cache/guests'
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        console = work / 'console'
        console.touch()
        command = [
            *('qemu-system-x86_64', '-machine', 'q35', '-cpu', 'max'),
            *('-accel', 'tcg,thread=multi', '-smp', '2', '-m', '1024'),
            *('-nodefaults', '-display', 'none', '-no-reboot'),
            # native hot plug: only so do the ports' slot numbers reach udev
            *('-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'),
            *('-serial', f'file:{console}', '-device', 'virtio-rng-pci'),
            *_firmware(guest, work),
            *_disks(guest, folder, virtio),
            *(_boot_entry(work) if entry else ()),
            *_nics(guest, virtio),
        ]
        with subprocess.Popen(command) as process:
            deadline = time.monotonic() + limit
            text = ''
            while process.poll() is None and time.monotonic() < deadline:
                text = ESCAPE.sub('', console.read_text(errors='replace'))
                if BOOTED.search(text) or failed.search(text):
                    break
                time.sleep(0.5)
            process.terminate()
        return text


def main() -> int:
    """Boot as the command line says; 0 when the guest reported."""
    names = {guest.name: guest for guest in specs.GUESTS}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('guest', choices=names)
    parser.add_argument('hardware', choices=('vmware', 'virtio'))
    parser.add_argument('--console', action='store_true')
    arguments = parser.parse_args()
    start = time.monotonic()
    text = boot(names[arguments.guest], arguments.hardware)
    if arguments.console:
        print(text)
    for line in re.findall(r'LAB-[A-Z]+.*|' + NO_LOADER.pattern, text):
        print(line)
    print(f'{time.monotonic() - start:.0f} s')
    return 0 if 'LAB-BOOT-OK' in text else 1


if __name__ == '__main__':
    raise SystemExit(main())
