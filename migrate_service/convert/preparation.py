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

"""What ``prepare.sh`` is given, and what its end means."""

import pathlib
import re

from migrate_service import exceptions

SCRIPT = pathlib.Path(__file__).with_name('prepare.sh')
PREPARE = 'prepare'
REVERT = 'revert'
ACTIONS = (PREPARE, REVERT)
#: Bytes of its output that are read.
MAX_OUTPUT = 256 << 10
_SAID = re.compile(r'^migrate: (.*)$', re.MULTILINE)
_MAC = re.compile('(?:[0-9a-f]{2}:){5}[0-9a-f]{2}')


class PreparationFailed(exceptions.StepFailed):
    code = 'guest.preparation_failed'
    title = 'Preparation failed'
    template = 'The guest could not be prepared: %(reason)s.'
    remedy = (
        'Read the log of the step. The guest boots as before; it is '
        'converted at the cutover.'
    )


class NotLinux(PreparationFailed):
    code = 'guest.not_linux'
    title = 'Not Linux'


class NotRoot(PreparationFailed):
    code = 'guest.not_root'
    title = 'Not root'
    remedy = (
        'Ask again with the credentials of root, or of a user with sudo '
        'without a password.'
    )


class NoTool(PreparationFailed):
    code = 'guest.no_initramfs_tool'
    title = 'No initramfs tool'


class NoSpace(PreparationFailed):
    code = 'guest.no_space'
    title = 'No space in /boot'
    remedy = 'Remove old kernels from the guest, then ask again.'


class NoDrivers(PreparationFailed):
    code = 'guest.no_virtio'
    title = 'No virtio drivers'
    remedy = 'Install a kernel with virtio drivers, or remove the one named.'


class InitramfsFailed(PreparationFailed):
    code = 'guest.initramfs_failed'
    title = 'Initramfs not rebuilt'
    remedy = (
        'Read the log of the step and repair the tool in the guest. The '
        'initramfs that was there is in its place again.'
    )


class ReadOnly(PreparationFailed):
    code = 'guest.not_writable'
    title = 'Guest not writable'
    remedy = 'Mount the file system writable, or make room, then ask again.'


class Busy(PreparationFailed):
    code = 'guest.busy'
    title = 'Another preparation runs'
    remedy = 'None: it is tried again.'
    retryable = True


class NoKernel(PreparationFailed):
    code = 'guest.no_kernel'
    title = 'No kernel found'


#: Exit codes of the script.
ERRORS = {
    10: NotLinux,
    11: NotRoot,
    12: NoTool,
    13: NoSpace,
    14: NoDrivers,
    15: InitramfsFailed,
    16: InitramfsFailed,
    17: ReadOnly,
    18: Busy,
    19: NoKernel,
}


def arguments(action, macs):
    """Return the arguments of the script.

    :param macs: ``[(as the guest has it, as it will be)]``.
    :raises ValueError: a hardware address is none; a shell reads them.
    """
    if action == REVERT:
        return [REVERT]
    pairs = [(old.lower(), new.lower()) for old, new in macs]
    for address in (one for pair in pairs for one in pair):
        if not _MAC.fullmatch(address):
            raise ValueError(f'{address} is no hardware address')
    return [PREPARE, *(f'{old}={new}' for old, new in pairs)]


def said(output):
    """Return the sentences of the script in its output, without the last.

    The guest wrote them: they are cut to what can be shown.
    """
    lines = _SAID.findall(output)
    shown = [''.join(filter(str.isprintable, line))[:300] for line in lines]
    return [line for line in shown if not line.startswith('result ')]


def result(output):
    """Return the exit code that the last line of the output tells, or None.

    It is there although nobody asked for the exit code in time.
    """
    found = re.findall(r'^migrate: result (\d+)$', output, re.MULTILINE)
    return int(found[-1]) if found else None


def kernels(sentences):
    """Return the versions of the kernels that boot on virtio now."""
    return [
        match.group(1)
        for line in sentences
        if (match := re.fullmatch(r'kernel (\S+) ready', line))
    ]


def check(code, output):
    """Raise what an exit code other than 0 means.

    :raises PreparationFailed: or a subclass of it.
    """
    if code == 0:
        return
    sentences = said(output) or ['it said nothing']
    kind = ERRORS.get(code, PreparationFailed)
    raise kind(reason=f'{sentences[-1]} (code {code})')
