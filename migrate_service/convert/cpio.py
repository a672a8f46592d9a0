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

"""The newc cpio format: write an archive, list one without unpacking it.

The format is the one of the kernel's Documentation/driver-api/early-userspace
/buffer-format.rst.
"""

import stat

MAGICS = (b'070701', b'070702')
HEADER = 110
TRAILER = b'TRAILER!!!'
#: PATH_MAX of Linux, which the kernel applies to names in an initramfs.
LONGEST_NAME = 4096


class Malformed(Exception):
    """The bytes are not a cpio archive in the newc format."""


def archive(files):
    """Return a newc archive.

    :param files: list of ``(path, content)``; a content of None makes a
        directory (0755), bytes make a file (0644). Parents come first.
    """
    parts = []
    for number, (path, content) in enumerate(files, start=1):
        directory = content is None
        mode = stat.S_IFDIR | 0o755 if directory else stat.S_IFREG | 0o644
        parts.append(_entry(number, path.encode(), mode, content or b''))
    parts.append(_entry(0, TRAILER, 0, b''))
    return b''.join(parts)


def _entry(inode, name, mode, content):
    fields = (
        inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0,
    )  # fmt: skip
    header = MAGICS[0] + b''.join(b'%08X' % field for field in fields)
    return _pad(header + name + b'\0') + _pad(content)


def _pad(data):
    return data + b'\0' * (-len(data) % 4)


def entries(stream):
    """Yield ``(path, mode)`` of the archive that begins at ``stream``.

    Ends after the trailer. Contents are skipped, never kept.

    :param stream: object with ``read(size)`` and ``skip(size)``, both of
        which raise when the stream ends early.
    :raises Malformed: also when a name is longer than the kernel takes.
    """
    while True:
        mode, size, name = _header(stream)
        if name == TRAILER:
            return
        stream.skip(size + -size % 4)
        path = name.decode(errors='replace').removeprefix('./')
        yield path.lstrip('/'), mode


def _header(stream):
    header = stream.read(HEADER)
    if header[:6] not in MAGICS:
        raise Malformed('a header does not begin with 070701')
    try:
        fields = [int(header[i : i + 8], 16) for i in range(6, HEADER, 8)]
    except ValueError as error:
        raise Malformed('a header holds something else than digits') from error
    mode, size, length = fields[1], fields[6], fields[11]
    if not 0 < length <= LONGEST_NAME or size < 0:
        raise Malformed(f'a name is {length} bytes long')
    name = stream.read(length + -(HEADER + length) % 4)[: length - 1]
    return mode, size, name
