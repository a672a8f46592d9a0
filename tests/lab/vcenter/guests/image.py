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

"""Guest trees into raw disk images, without loop devices or mounts.

File systems are written by mke2fs and mtools straight into the image, at the
partition's offset: the machine's kernel need not know partitions or vfat.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from tests.lab.vcenter.guests import known
from tests.lab.vcenter.guests import rootfs
from tests.lab.vcenter.guests import specs
from tests.lab.vcenter.guests import tree

#: mke2fs stamps this instead of now.
ENVIRONMENT = os.environ | {'E2FSPROGS_FAKE_TIME': '1700000000'}


def _run(*command: object, **kwargs: object) -> None:
    # sbin is not on every PATH
    environment = ENVIRONMENT | {
        'PATH': f'{os.environ["PATH"]}:/usr/sbin:/sbin'
    }
    subprocess.run(
        [str(word) for word in command],
        check=True,
        stdout=subprocess.DEVNULL,
        env=environment,
        **kwargs,
    )


def _partition(
    image: pathlib.Path, size: int, label: str, *parts: specs.Partition
) -> None:
    with open(image, 'xb') as disk:
        disk.truncate(size)
    lines = [f'label: {label}']
    lines.append(
        'label-id: 0x5a4b3c2d'
        if label == 'dos'
        else 'label-id: 5A4B3C2D-0000-4000-8000-000000000001'
    )
    for part in parts:
        start, length = (n // specs.SECTOR for n in (part.start, part.size))
        boot = ', bootable' if part.type == '83' else ''
        lines.append(f'start={start}, size={length}, type={part.type}{boot}')
    _run('sfdisk', '--quiet', image, input='\n'.join(lines).encode())


def _ext4(
    image: pathlib.Path, part: specs.Partition, uuid: str, root: pathlib.Path
) -> None:
    options = f'offset={part.start},hash_seed={uuid},root_owner=0:0'
    _run(
        *('mke2fs', '-q', '-F', '-t', 'ext4', '-U', uuid, '-E', options),
        *('-d', root, image, f'{part.size // 1024}k'),
    )


def _insert(image: pathlib.Path, source: pathlib.Path, start: int) -> None:
    """Copy ``source``, at most 64 MiB, into the image, holes kept."""
    with open(image, 'r+b') as disk, open(source, 'rb') as data:
        for offset in range(0, source.stat().st_size, specs.MIB):
            block = data.read(specs.MIB)
            if block.strip(b'\0'):
                disk.seek(start + offset)
                disk.write(block)


def _swap(image: pathlib.Path, part: specs.Partition, work: pathlib.Path):
    area = work / 'swap'
    with open(area, 'wb') as file:
        file.truncate(part.size)
    _run('mkswap', '--uuid', part.uuid, area, stderr=subprocess.DEVNULL)
    _insert(image, area, part.start)


def _esp(image: pathlib.Path, work: pathlib.Path, root: pathlib.Path) -> None:
    """The EFI partition, without EFI/BOOT/BOOTX64.EFI.

    A guest of vSphere starts through the entry in its NVRAM, which does not
    travel with its disks.
    """
    area = work / 'esp'
    sectors = specs.ESP.size // specs.SECTOR
    with open(area, 'wb') as file:
        file.truncate(specs.ESP.size)
    serial = specs.ESP.uuid
    _run('mformat', '-i', area, '-T', sectors, '-F', '-N', serial, '::')
    _run('mcopy', '-s', '-i', area, root / 'boot/efi/EFI', '::EFI')
    shutil.rmtree(root / 'boot/efi/EFI')
    _insert(image, area, specs.ESP.start)


def _boot_sector(image: pathlib.Path, root: pathlib.Path) -> None:
    """What grub-bios-setup would do: boot.img around the table, then core."""
    folder = root / 'boot/grub/i386-pc'
    with open(image, 'r+b') as disk:
        disk.write((folder / 'boot.img').read_bytes()[:440])
        disk.seek(specs.SECTOR)
        disk.write((folder / 'core.img').read_bytes())


def _root_disk(
    guest: specs.Guest, root: pathlib.Path, work: pathlib.Path
) -> pathlib.Path:
    image = work / guest.disks[0]
    if guest.firmware == 'bios':
        _partition(image, guest.root_size, 'dos', guest.swap, guest.root)
        _boot_sector(image, root)
    else:
        parts = (specs.ESP, guest.swap, guest.root)
        _partition(image, guest.root_size, 'gpt', *parts)
        _esp(image, work, root)
    _swap(image, guest.swap, work)
    _ext4(image, guest.root, guest.root_uuid, root)
    return image


def _data_disk(guest: specs.Guest, work: pathlib.Path) -> pathlib.Path:
    image = work / guest.disks[1]
    folder = work / 'data'
    known.write(folder)
    for i in range(20):
        (folder / f'order-{i:02}.txt').write_text(f'order {i}\n' * 1000)
    _partition(image, specs.DATA_SIZE, 'gpt', specs.DATA)
    _ext4(image, specs.DATA, guest.data_uuid, folder)
    return image


def build(guest: specs.Guest, cache: pathlib.Path) -> None:
    """Put the disks of ``guest`` into ``cache`` (about 10 s each guest)."""
    tar = rootfs.build(cache)
    with tempfile.TemporaryDirectory(dir=cache, prefix='work-') as name:
        work = pathlib.Path(name)
        root = work / 'root'
        tree.make(guest, tar, root)
        images = [_root_disk(guest, root, work)]
        if guest.data_uuid:
            images.append(_data_disk(guest, work))
        for image in images:
            image.rename(cache / image.name)


def _key() -> str:
    """Change this package and the images are built anew."""
    digest = hashlib.sha256()
    for path in sorted(pathlib.Path(__file__).parent.rglob('*')):
        if path.is_file() and path.name != 'boot.py' and path.suffix != '.pyc':
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def ensure(cache: pathlib.Path) -> None:
    """Build every guest that ``cache`` lacks or holds from an older recipe."""
    cache.mkdir(parents=True, exist_ok=True)
    stamp = cache / 'images.key'
    current = stamp.read_text() if stamp.exists() else ''
    for guest in specs.GUESTS:
        missing = [n for n in guest.disks if not (cache / n).exists()]
        if missing or current != _key():
            build(guest, cache)
    stamp.write_text(_key())
